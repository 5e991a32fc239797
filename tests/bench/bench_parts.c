/* bench_parts CASE NEWCASE: processor time of a crawl per row of an account's list, and its
 * parts. CASE was crawled from one seed at one node; its answers are given again from memory,
 * so that no network is in it, and crawled into NEWCASE. Then the same pages are decoded
 * alone, and decoded and checked alone. What is left is storing, and all the rest. Not run
 * by ctest; bench_crawl.py does. */
#include <xemtrace/crawl.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct page {
	char *key; /* path and body */
	uint8_t *body;
	size_t len;
	int http;
	bool transfers;
};

static struct page *pages;
static size_t n_pages, cap_pages;
static struct xt_map *by_key;
static char node[256];
static struct nem_address seed;
static uint32_t depth;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "bench_parts: %s\n", what);
	exit(1);
}

static double cpu(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool keep(void *ctx, const struct store_answer *a)
{
	struct page p = { .http = a->http, .len = a->len };
	const size_t host = strlen(a->node);
	const size_t n = strlen(a->url) + strlen(a->body_sent) + 2;

	(void)ctx;
	memcpy(node, a->node, sizeof(node));
	p.key = malloc(n);
	p.body = malloc(a->len + 1);
	must(p.key != NULL && p.body != NULL, "out of memory");
	(void)snprintf(p.key, n, "%s %s", a->url + host, a->body_sent);
	memcpy(p.body, a->body, a->len);
	p.transfers =
	    a->http == 200 && strncmp(a->url + host, "/account/transfers/", 19) == 0;
	if (n_pages == cap_pages) {
		cap_pages = cap_pages == 0 ? 1024 : cap_pages * 2;
		pages = realloc(pages, cap_pages * sizeof(*pages));
		must(pages != NULL, "out of memory");
	}
	must(xt_map_put(by_key, p.key, strlen(p.key), (uint32_t)n_pages, NULL) == XT_OK,
	     "out of memory");
	pages[n_pages++] = p;
	return true;
}

static bool keep_session(void *ctx, const struct store_session *v)
{
	char first[41] = "";

	(void)ctx;
	(void)snprintf(first, sizeof(first), "%s", v->seeds);
	depth = v->max_depth;
	must(nem_address_parse(&seed, first, NULL) == XT_OK, "no seed in the session");
	return true;
}

static enum xt_status find(void *ctx, const struct nis_request *r, struct nis_answer *a,
			   struct xt_err *err)
{
	char key[sizeof(r->path) + sizeof(r->body)];
	uint32_t at;

	(void)ctx;
	(void)snprintf(key, sizeof(key), "%s %s", r->path, r->post ? r->body : "");
	if (!xt_map_get(by_key, &at, key, strlen(key)))
		return xt_fail(err, XT_E_NOTFOUND, "not stored: %s", key);
	a->http = pages[at].http;
	a->len = pages[at].len;
	a->body = malloc(a->len + 1);
	must(a->body != NULL, "out of memory");
	memcpy(a->body, pages[at].body, a->len);
	return XT_OK;
}

static double crawl(const char *path, uint64_t *rows)
{
	const char *const nodes[] = { node };
	struct crawl_options o;
	struct crawl_report rep;
	struct nis_transport t;
	struct store *s = NULL;
	struct xt_err err = { 0 };
	double begin;

	crawl_options_init(&o);
	o.nodes = nodes;
	o.n_nodes = 1;
	o.seeds = &seed;
	o.n_seeds = 1;
	o.max_depth = depth;
	o.rate = 0;
	o.connections = 1;
	o.blocks = CRAWL_BLOCKS_NONE;
	must(nis_transport_replay(&t, find, NULL, NULL) == XT_OK &&
		 store_open(&s, path, STORE_CREATE, &err) == XT_OK,
	     err.text);
	begin = cpu();
	must(crawl_run(&rep, s, &t, &o, NULL, NULL, &err) == XT_OK, err.text);
	begin = cpu() - begin;
	*rows = rep.txs_new + rep.txs_known;
	store_close(s);
	nis_transport_free(&t);
	return begin;
}

static double decode(bool check)
{
	const double begin = cpu();

	for (size_t i = 0; i < n_pages; i++) {
		struct nis_tx_page p = { 0 };

		if (!pages[i].transfers)
			continue;
		must(nis_decode_transfers(&p, pages[i].body, pages[i].len, NULL) ==
			 XT_OK,
		     "a page does not decode");
		for (size_t k = 0; check && k < p.n; k++) {
			struct nis_tx_entry *e = &p.v[k];
			struct nem_checked_tx c = { 0 };

			must(nem_check_tx_take(
				 &c, &e->tx, nem_address_network(&seed), e->height,
				 &e->hash, e->has_inner_hash ? &e->inner_hash : NULL,
				 NULL) == XT_OK,
			     "a transaction does not hold");
			nem_checked_tx_release(&c);
		}
		nis_tx_page_release(&p);
	}
	return cpu() - begin;
}

int main(int argc, char **argv)
{
	struct store *s = NULL;
	struct xt_err err = { 0 };
	double all, d, both;
	uint64_t rows = 0;

	must(argc == 3, "usage: bench_parts CASE NEWCASE");
	must(xt_map_new(&by_key, NULL) == XT_OK && nem_crypto_init(NULL) == XT_OK,
	     "out of memory");
	must(store_open(&s, argv[1], STORE_READ, &err) == XT_OK &&
		 store_each_answer(s, true, keep, NULL, &err) == XT_OK &&
		 store_each_session(s, keep_session, NULL, &err) == XT_OK,
	     err.text);
	store_close(s);
	all = crawl(argv[2], &rows);
	must(rows > 0, "no rows");
	d = decode(false);
	both = decode(true);
	(void)printf(
	    "%llu rows: %.0f us a row: decode %.0f, verify %.0f, store and rest "
	    "%.0f\n",
	    (unsigned long long)rows, all / (double)rows * 1e6, d / (double)rows * 1e6,
	    (both - d) / (double)rows * 1e6, (all - both) / (double)rows * 1e6);
	for (size_t i = 0; i < n_pages; i++) {
		free(pages[i].key);
		free(pages[i].body);
	}
	free(pages);
	xt_map_free(by_key);
	return 0;
}
