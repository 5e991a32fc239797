/* floor: nis */
/* A peer list is hostile: what comes through are URLs of nodes, each once, in the form
 * that is asked. */
#include <xemtrace/nis.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *url)
{
	char again[256];
	const char *host = strstr(url, "://");
	const char *port = strrchr(url, ':');

	assert(strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0);
	assert(nis_node_url(again, url, NULL) == XT_OK);
	assert(strcmp(again, url) == 0);
	for (const char *c = url; *c != '\0'; c++)
		assert(*c > ' ' && *c <= '~' && strchr("\"'\\<>@#?", *c) == NULL);
	assert(port > host + 3 && port[1] != '\0');
	for (const char *c = port + 1; *c != '\0'; c++)
		assert(*c >= '0' && *c <= '9');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nis_peers l = { 0 };
	struct xt_err err = { 0 };

	if (nis_decode_peers(&l, data, size, &err) != XT_OK) {
		assert(err.text[0] != '\0' && l.url == NULL);
		return 0;
	}
	assert(l.n + l.bad <= NIS_MAX_PEERS);
	for (size_t i = 0; i < l.n; i++) {
		check(l.url[i]);
		for (size_t k = 0; k < i && k < 64; k++)
			assert(strcmp(l.url[i], l.url[k]) != 0);
	}
	nis_peers_release(&l);
	return 0;
}
