/* findings: what an investigation found, as tables and as letters. Part of export. */
#ifndef XEMTRACE_FINDINGS_H
#define XEMTRACE_FINDINGS_H

#include <xemtrace/export.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* One table of findings, with the transactions that each stands on as children (at most
 * `evidence` a finding, 0: all). rules: bits 1 << enum analyse_rule. taint: there was a
 * run. */
enum xt_status export_rules(struct export_table **out, const struct graph *g,
			    const struct analyse_findings *all, unsigned rules,
			    bool taint, size_t evidence, struct xt_err *err) XT_CHECKED;

/* The same for patterns; kinds: bits 1 << enum analyse_pattern_kind. */
enum xt_status export_patterns(struct export_table **out, const struct graph *g,
			       const struct analyse_patterns *all, unsigned kinds,
			       size_t evidence, struct xt_err *err) XT_CHECKED;

/* Groups with their wallets, a row for each reason. */
enum xt_status export_groups(struct export_table **out, const struct graph *g,
			     const struct analyse_groups *s,
			     struct xt_err *err) XT_CHECKED;

/* Tables of transfers. */
enum xt_status export_timeline(struct export_table **out, const struct graph *g,
			       enum analyse_by by, const struct analyse_table_row *rows,
			       size_t n, struct xt_err *err) XT_CHECKED;
/* A matrix of senders and recipients. For programs: a row a sender with its cells, the
 * last row (`total`) with the totals of the recipients. */
enum xt_status export_matrix(struct export_table **out, const struct graph *g,
			     const struct analyse_matrix *m,
			     struct xt_err *err) XT_CHECKED;
/* For people: the largest recipients as columns (at most EXPORT_MATRIX_COLUMNS), the rest
 * in one, so that each line adds up. */
#define EXPORT_MATRIX_COLUMNS 24
enum xt_status export_matrix_text(struct export_table **out, const struct graph *g,
				  const struct analyse_matrix *m, size_t columns,
				  struct xt_err *err) XT_CHECKED;
/* For spreadsheets: a column a recipient, uXEM, a total at the end of each line and a
 * line of totals. XT_E_LIMIT above 2^26 cells. */
enum xt_status export_matrix_csv(FILE *f, const struct graph *g,
				 const struct analyse_matrix *m,
				 struct xt_err *err) XT_CHECKED;
enum xt_status export_balance(struct export_table **out, const struct graph *g,
			      const struct analyse_balance_row *rows, size_t n,
			      struct xt_err *err) XT_CHECKED;

/* Transfers one below the other, as findings list them. */
enum xt_status export_events(struct export_table **out, const struct graph *g,
			     const uint32_t *events, size_t n,
			     struct xt_err *err) XT_CHECKED;

/* Where an account's money can have come from. */
enum xt_status export_back(struct export_table **out, const struct graph *g,
			   const struct analyse_back_row *rows, size_t n,
			   struct xt_err *err) XT_CHECKED;

/* What a request to a service is made of. */
/* The first line of each. */
#define EXPORT_REQUEST_HEAD "REQUEST TO PRESERVE RECORDS"
struct export_request {
	const struct graph *g; /* with references and graph_index() */
	const struct taint_result *r;
	const struct analyse_exchanges *e;
	const struct analyse_service_row *service;
	bool has_bounds;
	size_t paths;     /* ways back to the theft a memo; 0: none */
	const char *zone; /* IANA name of the process's time zone; NULL: UTC alone */
	uint64_t height;  /* of the case; 0 unknown */
};
/* A letter in plain text that asks one service to preserve what it knows of the
 * customers behind these deposits: each deposit with hash, height, time in UTC and in
 * the zone, and the largest ways on which the money came from the theft. Hostile text
 * is escaped. A policy with lots needs a run with lineage; poison has no ways
 * (XT_E_USAGE). */
enum xt_status export_request(FILE *f, const struct export_request *q,
			      struct xt_err *err) XT_CHECKED;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
