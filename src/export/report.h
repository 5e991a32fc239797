/* The data of the report page: what report/src/data.js reads. */
#ifndef XT_EXPORT_REPORT_H
#define XT_EXPORT_REPORT_H

#include "internal.h"

/* Of each pattern so many accounts and transactions are named; all are counted. */
#define EX_PATTERN_MEMBERS 12
/* The largest so many patterns are on the page, which says so. */
#define EX_PATTERNS 2000

/* One policy's findings. */
struct ex_run {
	const struct taint_result *r;
	struct analyse_coverage coverage;
	struct analyse_located located;
	struct analyse_exchanges exchanges;
	uint64_t *moved;   /* per event: taint between two accounts (or of a harvest) */
	uint64_t *arrived; /* per account */
	uint64_t *held;    /* per account: at the end; services: what reached them */
	uint64_t *unsure;  /* per account: of held, what passed incomplete accounts */
};
struct ex_report {
	const struct export_report *in;
	struct ex_run *runs;
	struct analyse_flow flow;         /* of the main run, unfiltered */
	struct analyse_top_row *received; /* every account: XEM in and out */
	size_t n_received;
	uint32_t *place;    /* per account: its number in the page + 1; 0: not there */
	uint32_t *accounts; /* the page's accounts */
	uint32_t n_accounts;
	uint32_t *memo_place; /* per memo, like place */
	uint32_t *memos;
	uint32_t n_memos;
	uint32_t *events; /* the page's transfers, in ledger order */
	size_t n_events, n_all;
	uint32_t *patterns; /* the page's patterns, in their order */
	size_t n_patterns;
};
enum xt_status ex_report_gather(struct ex_report *out, const struct export_report *in,
				struct xt_err *err) XT_CHECKED;
void ex_report_release(struct ex_report *x);

struct ex_json;
/* The services of the k-th run, with their memos, as the member "services". */
void ex_report_services(struct ex_json *j, const struct ex_report *x, size_t k);

/* Groups of wallets; why accounts are not complete: the members "groups" and "stops". */
void ex_report_groups(struct ex_json *j, const struct ex_report *x);
void ex_report_stops(struct ex_json *j, const struct ex_report *x);
/* Where the stolen amount is as the crawl sees it, of one run. */
void ex_report_located(struct ex_json *j, const struct ex_run *run);

/* The data as JSON that can stand inside <script>: no "<", ">" or "&" in it. */
enum xt_status ex_report_json(struct xt_buf *out, const struct ex_report *x,
			      struct xt_err *err) XT_CHECKED;

#endif
