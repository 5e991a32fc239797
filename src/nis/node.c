#include <xemtrace/nis.h>

#include "json.h"

static enum xt_status read_features(void *out, const json_t *v, const struct js_at *at,
				    struct xt_err *err)
{
	return js_read_version(out, v, at, err);
}

/* The network byte as Java writes it, signed. */
static enum xt_status read_network(void *out, const json_t *v, const struct js_at *at,
				   struct xt_err *err)
{
	int64_t n;
	const enum xt_status rc = js_integer_in(&n, INT8_MIN, INT8_MAX, v, at, err);

	if (rc == XT_OK)
		*(uint32_t *)out = (uint32_t)n & 0xFFU;
	return rc;
}

static enum xt_status read_version(void *out, const json_t *v, const struct js_at *at,
				   struct xt_err *err)
{
	struct nis_node_info *i = out;

	return js_text_copy(i->version, sizeof(i->version), v, at, err);
}

struct meta {
	struct nis_node_info *info;
	uint32_t network;
};

static enum xt_status read_meta(void *out, const json_t *v, const struct js_at *at,
				struct xt_err *err)
{
	struct meta *m = out;
	const struct js_field f[] = {
		{ "networkId", read_network, &m->network },
		{ "features", read_features, &m->info->features },
		{ "version", read_version, m->info },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

static enum xt_status read_host(void *out, const json_t *v, const struct js_at *at,
				struct xt_err *err)
{
	struct nis_node_info *i = out;

	return js_text_copy(i->host, sizeof(i->host), v, at, err);
}

static enum xt_status read_port(void *out, const json_t *v, const struct js_at *at,
				struct xt_err *err)
{
	int64_t n;
	const enum xt_status rc = js_integer_in(&n, 0, UINT16_MAX, v, at, err);

	if (rc == XT_OK)
		*(uint32_t *)out = (uint32_t)n;
	return rc;
}

static enum xt_status read_endpoint(void *out, const json_t *v, const struct js_at *at,
				    struct xt_err *err)
{
	struct nis_node_info *i = out;
	const struct js_field f[] = {
		{ "host", read_host, i },
		{ "port", read_port, &i->port },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

static enum xt_status read_name(void *out, const json_t *v, const struct js_at *at,
				struct xt_err *err)
{
	struct nis_node_info *i = out;

	if (json_is_null(v))
		return XT_OK;
	return js_text_copy(i->name, sizeof(i->name), v, at, err);
}

static enum xt_status read_key(void *out, const json_t *v, const struct js_at *at,
			       struct xt_err *err)
{
	struct nis_node_info *i = out;

	i->has_key = !json_is_null(v);
	return i->has_key ? js_read_pubkey(&i->key, v, at, err) : XT_OK;
}

static enum xt_status read_identity(void *out, const json_t *v, const struct js_at *at,
				    struct xt_err *err)
{
	const struct js_field f[] = {
		{ "name", read_name, out },
		{ "public-key", read_key, out },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

static enum xt_status read_peer(void *out, const json_t *v, const struct js_at *at,
				struct xt_err *err)
{
	struct nis_node_info *i = out;
	struct meta m = { .info = i };
	const struct js_field f[] = {
		{ "metaData", read_meta, &m },
		{ "endpoint", read_endpoint, i },
		{ "identity", read_identity, i },
	};
	const enum xt_status rc = js_fields(v, f, XT_ARRAY_SIZE(f), at, err);

	if (rc == XT_OK)
		i->network = (enum nem_network)m.network;
	return rc;
}

enum xt_status nis_decode_node_info(struct nis_node_info *out, const uint8_t *p,
				    size_t n, struct xt_err *err)
{
	const struct js_at meta = { .name = "metaData" };
	const struct js_at network = { .up = &meta, .name = "networkId" };
	struct nis_node_info i = { 0 };
	json_t *v = NULL;
	enum xt_status rc = js_open(&v, p, n, err);

	if (rc == XT_OK)
		rc = read_peer(&i, v, NULL, err);
	if (rc == XT_OK && i.network != NEM_MAINNET && i.network != NEM_TESTNET &&
	    i.network != NEM_MIJIN)
		rc = js_fail(&network, err, "%d is no network of NIS1",
			     (int)(int8_t)(uint8_t)i.network);
	if (rc == XT_OK)
		*out = i;
	json_decref(v);
	return rc;
}

enum xt_status nis_decode_status(uint32_t *code, const uint8_t *p, size_t n,
				 struct xt_err *err)
{
	uint32_t c = 0;
	const struct js_field f[] = { { "code", js_read_u32, &c } };
	json_t *v = NULL;
	enum xt_status rc = js_open(&v, p, n, err);

	if (rc == XT_OK)
		rc = js_fields(v, f, XT_ARRAY_SIZE(f), NULL, err);
	if (rc == XT_OK)
		*code = c;
	json_decref(v);
	return rc;
}

enum xt_status nis_decode_height(uint64_t *out, const uint8_t *p, size_t n,
				 struct xt_err *err)
{
	uint64_t h = 0;
	const struct js_field f[] = { { "height", js_read_height, &h } };
	json_t *v = NULL;
	enum xt_status rc = js_open(&v, p, n, err);

	if (rc == XT_OK)
		rc = js_fields(v, f, XT_ARRAY_SIZE(f), NULL, err);
	if (rc == XT_OK)
		*out = h;
	json_decref(v);
	return rc;
}
