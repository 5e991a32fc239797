#include "prices.h"

#include <string.h>

enum xt_status prices_from_args(const struct cli *c, struct prices *out,
				struct xt_err *err)
{
	const char *path = opts_str(&c->opts, "price");
	const char *rate = opts_str(&c->opts, "rate");
	const char *currency = opts_str(&c->opts, "currency");
	struct prices p = { 0 };
	enum xt_status rc = XT_OK;
	if (path != NULL && rate != NULL)
		return xt_fail(err, XT_E_USAGE, "--price and --rate: give one of them");
	if (path == NULL && currency != NULL)
		return xt_fail(err, XT_E_USAGE, "--currency: needs --price FILE");
	if (path != NULL)
		rc = prices_read(&p, path, currency, err);
	if (rate != NULL) {
		const char *colon = strchr(rate, ':');
		p.fixed = true;
		if (colon == NULL ||
		    !prices_currency(p.currency, rate, (size_t)(colon - rate)) ||
		    !prices_parse(&p.rate_e8, colon + 1))
			rc = xt_fail(err, XT_E_USAGE,
				     "--rate: \"%s\" is not like JPY:88.549", rate);
	}
	if (rc != XT_OK) {
		prices_release(&p);
		return rc;
	}
	*out = p;
	return XT_OK;
}

const struct analyse_prices *prices_view(struct prices *p)
{
	if (p->currency[0] == '\0')
		return NULL;
	p->view = (struct analyse_prices){ .day = prices_day,
					   .price = prices_find,
					   .ctx = p,
					   .currency = p->currency };
	return &p->view;
}

void prices_warn(struct cli *c, uint64_t rows)
{
	if (rows > 0)
		cli_warn(c, "no_price",
			 "%llu rows have no value: a transfer in them has no single "
			 "day, or that day no price",
			 (unsigned long long)rows);
}
