/* What an account job will ask if all goes as usual. */
#include "account.h"

#include <string.h>

enum foresee_step {
	FORESEE_BEGIN,
	FORESEE_HEIGHT,
	FORESEE_ACCOUNT,
	FORESEE_HEIGHT_AGAIN,
	FORESEE_RESUMED,
	FORESEE_TRANSFERS,
	FORESEE_HARVESTS,
	FORESEE_PROBE,
	FORESEE_NOTHING
};

/* The number after the last "height":, UINT64_MAX without one. */
static uint64_t last_height(const struct nis_answer *a)
{
	static const char key[] = "\"height\":";
	uint64_t h = UINT64_MAX;

	for (size_t i = 0; i + sizeof(key) <= a->len; i++) {
		if (a->body[i] != '"' || memcmp(a->body + i, key, sizeof(key) - 1) != 0)
			continue;
		h = 0;
		for (size_t k = i + sizeof(key) - 1;
		     k < a->len && a->body[k] >= '0' && a->body[k] <= '9'; k++)
			h = h * 10 + (uint64_t)(a->body[k] - '0');
	}
	return h;
}

/* Need the list not be read further down? */
static bool below_floor(const struct crawl *c, const struct ahead *a,
			const struct nis_answer *last)
{
	const struct store_account row = { .id = a->key, .depth = a->state.depth };

	return last_height(last) < account_floor(c, &row, &a->state);
}

/* How often `what` stands in the answer, and the number after the last "id":. A look
 * that is enough for a guess; the answer is decoded when its turn comes. */
static size_t skim(const struct nis_answer *a, const char *what, uint64_t *id)
{
	static const char key[] = "\"id\":";
	const size_t n = strlen(what);
	size_t found = 0;

	*id = 0;
	for (size_t i = 0; i + sizeof(key) < a->len; i++) {
		const uint8_t *p = a->body + i;

		if (*p != '"')
			continue;
		if (i + n <= a->len && memcmp(p, what, n) == 0)
			found++;
		if (memcmp(p, key, sizeof(key) - 1) != 0 || p[sizeof(key) - 1] < '0' ||
		    p[sizeof(key) - 1] > '9')
			continue;
		*id = 0;
		for (size_t k = i + sizeof(key) - 1;
		     k < a->len && a->body[k] >= '0' && a->body[k] <= '9'; k++)
			*id = *id * 10 + (uint64_t)(a->body[k] - '0');
	}
	return found;
}

static bool foresee_list(const struct crawl *c, struct ahead *a, unsigned step,
			 uint64_t before, struct nis_request *out)
{
	(void)c;
	a->step = step;
	if (step != FORESEE_HARVESTS)
		nis_req_transfers(out, &a->address, NIS_ALL, before);
	else
		nis_req_harvests(out, &a->address, before);
	return true;
}

static bool foresee_resumed(const struct crawl *c, struct ahead *a,
			    struct nis_request *out)
{
	if (a->state.harvests_done)
		return false;
	if (a->state.transfers_done)
		return foresee_list(c, a, FORESEE_HARVESTS, a->state.harvests_next,
				    out);
	return foresee_list(c, a, FORESEE_TRANSFERS, a->state.transfers_next, out);
}

/* A full newest page that makes the account a probable service. */
static bool ends_here(const struct crawl *c, const struct ahead *a,
		      const struct nis_answer *last)
{
	struct nis_tx_page page = { 0 };
	struct store_crawl s = { .account = 0 };
	struct fan f = { .n_in = 0 };
	char reason[160] = "";

	if (c->opt->fan == 0 || a->state.depth == 0 ||
	    nis_decode_transfers(&page, last->body, last->len, NULL) != XT_OK)
		return false;
	for (size_t i = 0; i < page.n; i++)
		page_fan(&f, &a->address, &page.v[i].tx, page.v[i].height);
	nis_tx_page_release(&page);
	s.fan_in = f.n_in;
	s.fan_out = f.n_out;
	crawl_fan_reason(c, &s, reason);
	return reason[0] != '\0';
}

bool account_foresee(const struct crawl *c, struct ahead *a,
		     const struct nis_answer *last, struct nis_request *out)
{
	uint64_t id = 0;

	switch ((enum foresee_step)a->step) {
	case FORESEE_PROBE:
		return foresee_list(c, a, FORESEE_NOTHING, 0, out);
	case FORESEE_NOTHING:
		return false;
	case FORESEE_BEGIN:
		if (a->state.top_height != 0) {
			a->step = FORESEE_RESUMED;
			nis_req_account(out, &a->address);
			return true;
		}
		a->step = FORESEE_HEIGHT;
		nis_req_height(out);
		return true;
	case FORESEE_HEIGHT:
		if (nis_decode_height(&a->value, last->body, last->len, NULL) != XT_OK)
			return false;
		a->step = FORESEE_ACCOUNT;
		nis_req_account(out, &a->address);
		return true;
	case FORESEE_ACCOUNT:
		a->step = FORESEE_HEIGHT_AGAIN;
		a->more = true;
		nis_req_height(out);
		return true;
	case FORESEE_HEIGHT_AGAIN:
		/* What is listed after the balance was given is there, whatever the
		 * height. */
		if (last == NULL)
			return foresee_list(c, a, FORESEE_TRANSFERS, 0, out);
		a->ended =
		    a->value != 0 &&
		    (nis_decode_height(&id, last->body, last->len, NULL) != XT_OK ||
		     id != a->value);
		return false;
	case FORESEE_RESUMED:
		return foresee_resumed(c, a, out);
	case FORESEE_TRANSFERS:
		if (a->value != 0 && ends_here(c, a, last))
			return false;
		a->value = 0; /* only the newest page tells */
		if (skim(last, "\"meta\":", &id) >= NIS_PAGE_SIZE &&
		    !below_floor(c, a, last))
			return foresee_list(c, a, FORESEE_TRANSFERS, id, out);
		return foresee_list(c, a, FORESEE_HARVESTS, 0, out);
	case FORESEE_HARVESTS:
		return skim(last, "\"totalFee\":", &id) >= NIS_PAGE_SIZE &&
		       !below_floor(c, a, last) &&
		       foresee_list(c, a, FORESEE_HARVESTS, id, out);
	}
	return false;
}

void account_foresee_probe(struct ahead *plan)
{
	plan->step = FORESEE_PROBE;
}
