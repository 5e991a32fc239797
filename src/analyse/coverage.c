#include <xemtrace/analyse.h>

#include "internal.h"

static enum xt_status total(uint64_t *sum, uint64_t v, const char *what,
			    struct xt_err *err)
{
	if (!xt_add(sum, *sum, v))
		return xt_fail(err, XT_E_LIMIT, "the sum of %s does not fit 64 bits",
			       what);
	return XT_OK;
}

enum xt_status analyse_coverage(struct analyse_coverage *out, const struct graph *g,
				const struct taint_result *r, struct xt_err *err)
{
	struct analyse_coverage c = { 0 };
	enum xt_status rc = XT_OK;
	struct held h;
	size_t at = 0;

	for (uint32_t t = 0; t < r->n_thefts && rc == XT_OK; t++) {
		rc = total(&c.seeded, r->seeded[t], "what was seeded", err);
		if (rc == XT_OK)
			rc = total(&c.cleaned, r->cleaned[t], "what was cleaned", err);
	}
	if (rc != XT_OK)
		return rc;
	c.fees = r->fees_total;
	for (size_t i = 0; i < r->n_sink_totals && rc == XT_OK; i++)
		rc = total(&c.at_services, r->sink_totals[i].uxem, "taint at services",
			   err);
	if (rc != XT_OK)
		return rc;
	while (analyse_next_held(&h, &at, r, &rc, err)) {
		const uint8_t flags = g->flags[h.account];
		uint64_t *sum = &c.held_unread;

		if ((flags & GRAPH_COMPLETE) != 0)
			sum = &c.held_complete;
		else if ((flags & GRAPH_EXPANDED) != 0)
			sum = &c.held_incomplete;
		rc = total(sum, h.tainted, "taint held", err);
		if (rc != XT_OK)
			return rc;
	}
	c.through_incomplete = r->through_incomplete;
	if (rc == XT_OK)
		*out = c;
	return rc;
}
