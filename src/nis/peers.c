#include <xemtrace/nis.h>

#include <stdlib.h>
#include <string.h>

#include "json.h"

/* The list in either form: {"data": [...]} or {"active": [...], ...}. */
static const json_t *find_list(const json_t *v, struct xt_err *err)
{
	const json_t *list = json_object_get(v, "data");

	if (list == NULL)
		list = json_object_get(v, "active");
	if (!json_is_array(list))
		(void)xt_fail(err, XT_E_DATA,
			      "no list of peers: neither data nor active is an array");
	return json_is_array(list) ? list : NULL;
}

static bool peer_url(char out[256], const json_t *peer)
{
	const json_t *e = json_object_get(peer, "endpoint");
	const char *protocol = json_string_value(json_object_get(e, "protocol"));
	const char *host = json_string_value(json_object_get(e, "host"));
	const json_t *port = json_object_get(e, "port");
	char text[300];
	bool v6;
	int len;

	if (protocol == NULL || host == NULL || !json_is_integer(port) ||
	    json_integer_value(port) < 1 || json_integer_value(port) > UINT16_MAX ||
	    (strcmp(protocol, "http") != 0 && strcmp(protocol, "https") != 0))
		return false;
	/* Whatever would end the host early, so that something else is asked. */
	if (host[strcspn(host, "/?#@[]\\")] != '\0')
		return false;
	v6 = strchr(host, ':') != NULL;
	len = snprintf(text, sizeof(text), "%s://%s%s%s:%d", protocol, v6 ? "[" : "",
		       host, v6 ? "]" : "", (int)json_integer_value(port));
	return len > 0 && (size_t)len < sizeof(text) &&
	       nis_node_url(out, text, NULL) == XT_OK;
}

static enum xt_status read_list(struct nis_peers *l, const json_t *list,
				struct xt_map *seen, struct xt_err *err)
{
	size_t n = json_array_size(list);

	if (n > NIS_MAX_PEERS) {
		l->more = n - NIS_MAX_PEERS;
		n = NIS_MAX_PEERS;
	}
	l->url = xt_calloc(n + 1, sizeof(*l->url));
	if (l->url == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for peers");
	for (size_t i = 0; i < n; i++) {
		char *url = l->url[l->n];
		enum xt_status rc;
		uint32_t at;

		if (!peer_url(url, json_array_get(list, i))) {
			l->bad++;
			continue;
		}
		if (xt_map_get(seen, &at, url, strlen(url)))
			continue;
		rc = xt_map_put(seen, url, strlen(url), (uint32_t)i, err);
		if (rc != XT_OK)
			return rc;
		l->n++;
	}
	return XT_OK;
}

enum xt_status nis_decode_peers(struct nis_peers *out, const uint8_t *p, size_t n,
				struct xt_err *err)
{
	struct nis_peers l = { 0 };
	struct xt_map *seen = NULL;
	const json_t *list;
	json_t *v = NULL;
	enum xt_status rc = js_open(&v, p, n, err);

	if (rc != XT_OK)
		return rc;
	list = find_list(v, err);
	rc = list == NULL ? XT_E_DATA : xt_map_new(&seen, err);
	if (rc == XT_OK)
		rc = read_list(&l, list, seen, err);
	if (rc == XT_OK)
		*out = l;
	else
		nis_peers_release(&l);
	xt_map_free(seen);
	json_decref(v);
	return rc;
}

void nis_peers_release(struct nis_peers *l)
{
	free(l->url);
	*l = (struct nis_peers){ 0 };
}
