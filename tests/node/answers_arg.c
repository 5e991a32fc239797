/* Results and parameters of the endpoints. */
#include <stdarg.h>
#include <string.h>

#include "answers.h"

void answers_put(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new(o, key, value) != 0)
		fx_die("out of memory");
}

void answers_json(struct answers_result *out, json_t *json)
{
	out->json = json;
	out->status = 200;
}

void answers_data(struct answers_result *out, json_t *array)
{
	json_t *o = json_object();

	answers_put(o, "data", array);
	answers_json(out, o);
}

void answers_refuse(struct answers_result *out, int status, const char *fmt, ...)
{
	va_list ap;

	out->status = status;
	va_start(ap, fmt);
	(void)vsnprintf(out->message, sizeof(out->message), fmt, ap);
	va_end(ap);
	out->message[128] = '\0'; /* NIS cuts strings there */
}

bool answers_arg_address(struct node *n, struct nem_address *out,
			 struct answers_result *res, const struct node_request *r)
{
	const char *s = r->arg(r->ctx, "address");

	if (s == NULL) {
		answers_refuse(res, 400, "encoded address cannot be null");
		return false;
	}
	/* Forty characters: NIS takes lower case, but no dashes. */
	if (strlen(s) != 40 || nem_address_parse(out, s, NULL) != XT_OK ||
	    nem_address_network(out) != (enum nem_network)n->chain->network) {
		answers_refuse(res, 400, "address must be valid");
		return false;
	}
	return true;
}

bool answers_arg_key(struct node *n, struct nem_address *out,
		     struct answers_result *res, const struct node_request *r)
{
	const char *s = r->arg(r->ctx, "publicKey");
	struct nem_pubkey key;

	if (s == NULL || xt_hex_decode(key.b, 32, s, NULL) != XT_OK) {
		answers_refuse(
		    res, 500,
		    "org.nem.core.crypto.CryptoException: public key is not valid");
		return false;
	}
	nem_address_from_pubkey(out, (enum nem_network)n->chain->network, &key);
	return true;
}

/* A Java number: an optional sign, digits, and not past its range. */
bool answers_arg_number(int64_t *out, struct answers_result *res,
			const struct node_request *r, const char *name, int64_t missing,
			int64_t max)
{
	const char *s = r->arg(r->ctx, name);
	const char *digits = s;
	uint64_t v;

	*out = missing;
	if (s == NULL)
		return true;
	if (*digits == '-' || *digits == '+')
		digits++;
	while (digits[0] == '0' && digits[1] != '\0')
		digits++;
	if (xt_parse_u64(&v, digits, INT64_MAX, NULL) != XT_OK) {
		answers_refuse(res, 400, "For input string: \"%.60s\"", s);
		return false;
	}
	if (v > (uint64_t)max) {
		answers_refuse(res, 400, "Value out of range. Value:\"%.40s\" Radix:10",
			       s);
		return false;
	}
	*out = *s == '-' ? -(int64_t)v : (int64_t)v;
	return true;
}

bool answers_arg_page_size(size_t *out, struct answers_result *res,
			   const struct node_request *r)
{
	int64_t v;

	if (!answers_arg_number(&v, res, r, "pageSize", 25, INT16_MAX))
		return false;
	*out = (size_t)(v < 5 ? 5 : v > 100 ? 100 : v);
	return true;
}

/* {"height":N} in the body of a POST. */
bool answers_body_height(uint64_t *out, struct answers_result *res,
			 const struct node_request *r)
{
	json_t *o = json_loadb(r->body, r->body_len, 0, NULL);
	const json_t *h = json_object_get(o, "height");
	bool ok = false;

	if (r->content_type == NULL ||
	    strncmp(r->content_type, "application/json", 16) != 0)
		answers_refuse(res, 500, "Content type '%.60s' not supported",
			       r->content_type == NULL ? "" : r->content_type);
	else if (!json_is_object(o))
		answers_refuse(res, 500, "Could not read JSON");
	else if (h == NULL)
		answers_refuse(res, 500, "expected value for property height");
	else if (!json_is_integer(h))
		answers_refuse(res, 500, "property height is not a number");
	else if (json_integer_value(h) <= 0)
		answers_refuse(res, 400, "height must be positive");
	else
		ok = true;
	if (ok)
		*out = (uint64_t)json_integer_value(h);
	json_decref(o);
	return ok;
}

/* The block that is served at a height, NULL above the tip. */
const struct fx_block *answers_served_block(const struct node *n, uint64_t height)
{
	if (height > n->state->height || n->opt.no_blocks)
		return NULL;
	return fx_chain_block(n->chain, height);
}

bool answers_hash_lookup(const struct node *n, struct answers_result *out)
{
	if ((n->opt.features & 1) == 0) {
		answers_refuse(out, 500,
			       "this node does not support transaction hash lookup");
		return false;
	}
	return true;
}
