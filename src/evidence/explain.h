/* What the two files of the explanation share. */
#ifndef XEMTRACE_EVIDENCE_EXPLAIN_H
#define XEMTRACE_EVIDENCE_EXPLAIN_H

#include <xemtrace/evidence.h>

#define EXPLAIN_PATH 512u /* longest path of a field; the rest is cut */

struct explain {
	bool (*each)(void *ctx, const struct evidence_line *l);
	void *ctx;
	bool stopped;
	unsigned failed;
};

void explain_line(struct explain *x, const char *path, const char *value,
		  const char *meaning, bool failed);

/* The checks of one kind of answer each: p[0..n) is the whole answer. */
enum xt_status explain_account(struct explain *x, const uint8_t *p, size_t n,
			       struct xt_err *err);
enum xt_status explain_block(struct explain *x, const uint8_t *p, size_t n,
			     struct xt_err *err);
enum xt_status explain_blocks(struct explain *x, const uint8_t *p, size_t n,
			      struct xt_err *err);
enum xt_status explain_error(struct explain *x, const uint8_t *p, size_t n,
			     struct xt_err *err);
enum xt_status explain_harvests(struct explain *x, const uint8_t *p, size_t n,
				struct xt_err *err);
enum xt_status explain_height(struct explain *x, const uint8_t *p, size_t n,
			      struct xt_err *err);
enum xt_status explain_historical(struct explain *x, const uint8_t *p, size_t n,
				  struct xt_err *err);
enum xt_status explain_mosaic(struct explain *x, const uint8_t *p, size_t n,
			      struct xt_err *err);
enum xt_status explain_node(struct explain *x, const uint8_t *p, size_t n,
			    struct xt_err *err);
enum xt_status explain_page_of(struct explain *x, const uint8_t *p, size_t n,
			       struct xt_err *err);
enum xt_status explain_pair(struct explain *x, const uint8_t *p, size_t n,
			    struct xt_err *err);
enum xt_status explain_status(struct explain *x, const uint8_t *p, size_t n,
			      struct xt_err *err);
enum xt_status explain_tx(struct explain *x, const uint8_t *p, size_t n,
			  struct xt_err *err);

#endif
