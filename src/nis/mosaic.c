#include <xemtrace/nis.h>

#include <xemtrace/limits.h>

#include "tx.h"

static enum xt_status read_namespace(void *out, const json_t *v, const struct js_at *at,
				     struct xt_err *err)
{
	return js_bytes(out, XT_MAX_NAMESPACE, v, at, err);
}

static enum xt_status read_name(void *out, const json_t *v, const struct js_at *at,
				struct xt_err *err)
{
	return js_bytes(out, XT_MAX_MOSAIC_NAME, v, at, err);
}

static enum xt_status read_description(void *out, const json_t *v,
				       const struct js_at *at, struct xt_err *err)
{
	return js_bytes(out, XT_MAX_DESCRIPTION, v, at, err);
}

static enum xt_status read_property_text(void *out, const json_t *v,
					 const struct js_at *at, struct xt_err *err)
{
	return js_bytes(out, XT_MAX_PROPERTY, v, at, err);
}

enum xt_status nis_read_mosaic_id(void *out, const json_t *v, const struct js_at *at,
				  struct xt_err *err)
{
	struct nem_mosaic_id *id = out;
	const struct js_field f[] = {
		{ "namespaceId", read_namespace, &id->ns },
		{ "name", read_name, &id->name },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

static enum xt_status read_property(void *out, const json_t *v, const struct js_at *at,
				    struct xt_err *err)
{
	struct nem_property *p = out;
	const struct js_field f[] = {
		{ "name", read_property_text, &p->name },
		{ "value", read_property_text, &p->value },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

static enum xt_status read_properties(void *out, const json_t *v,
				      const struct js_at *at, struct xt_err *err)
{
	struct nem_mosaic_definition *d = out;
	size_t n;
	const enum xt_status rc = js_array(&n, v, XT_MAX_PROPERTIES, at, err);

	if (rc != XT_OK)
		return rc;
	d->properties = xt_calloc(n, sizeof(*d->properties));
	if (d->properties == NULL)
		return js_nomem(at, err);
	d->n_properties = (uint32_t)n;
	return js_each(d->properties, sizeof(*d->properties), n, read_property, v, at,
		       err);
}

static enum xt_status read_levy_kind(void *out, const json_t *v, const struct js_at *at,
				     struct xt_err *err)
{
	int64_t kind;
	const enum xt_status rc = js_integer_in(&kind, 1, 2, v, at, err);

	if (rc == XT_OK)
		*(uint32_t *)out = (uint32_t)kind;
	return rc;
}

static enum xt_status read_levy(void *out, const json_t *v, const struct js_at *at,
				struct xt_err *err)
{
	struct nem_levy *levy = out;
	const struct js_field f[] = {
		{ "type", read_levy_kind, &levy->kind },
		{ "recipient", js_read_address, &levy->recipient },
		{ "mosaicId", nis_read_mosaic_id, &levy->id },
		{ "fee", js_read_u64, &levy->fee },
	};
	bool given;
	const enum xt_status rc = js_given(&given, v, at, err);

	if (rc != XT_OK || !given)
		return rc;
	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

enum xt_status nis_read_mosaic_definition(void *out, const json_t *v,
					  const struct js_at *at, struct xt_err *err)
{
	struct nem_mosaic_definition *d = out;
	const struct js_field f[] = {
		{ "creator", js_read_pubkey, &d->creator },
		{ "id", nis_read_mosaic_id, &d->id },
		{ "description", read_description, &d->description },
		{ "properties", read_properties, d },
		{ "levy", read_levy, &d->levy },
	};

	return js_fields(v, f, XT_ARRAY_SIZE(f), at, err);
}

enum xt_status nis_decode_mosaic_definition(struct nem_mosaic_definition *out,
					    const uint8_t *p, size_t n,
					    struct xt_err *err)
{
	struct nem_mosaic_definition d = { 0 };
	json_t *v = NULL;
	enum xt_status rc = js_open(&v, p, n, err);

	if (rc == XT_OK)
		rc = nis_read_mosaic_definition(&d, v, NULL, err);
	if (rc == XT_OK)
		*out = d;
	else
		nem_mosaic_definition_release(&d);
	json_decref(v);
	return rc;
}
