/* Shared by the files of the pattern search. */
#ifndef XT_ANALYSE_PATTERNS_H
#define XT_ANALYSE_PATTERNS_H

#include "finder.h"

struct patterns {
	const struct graph *g;
	const struct taint_result *r;
	const struct analyse_pattern_options *opt;
	struct analyse_pattern *v;
	size_t n, cap;
	struct u32s events, members;
	uint8_t *touched; /* per account: stolen XEM came by, or all count */
	uint32_t *mark;   /* per account, zero between uses */
};

/* Begins a finding at the ends of the lists. */
struct analyse_pattern patterns_begin(const struct patterns *w,
				      enum analyse_pattern_kind kind, uint32_t account);
enum xt_status patterns_event(struct patterns *w, uint32_t event,
			      struct xt_err *err) XT_CHECKED;
enum xt_status patterns_member(struct patterns *w, uint32_t account,
			       struct xt_err *err) XT_CHECKED;
/* Closes it; what was pushed since belongs to it. */
enum xt_status patterns_end(struct patterns *w, struct analyse_pattern *p,
			    struct xt_err *err) XT_CHECKED;

/* Its whole history is here, so that "nothing else" can be said of it. */
static inline bool patterns_read(const struct graph *g, uint32_t account)
{
	return (g->flags[account] & GRAPH_COMPLETE) != 0;
}
static inline bool patterns_service(const struct graph *g, uint32_t account)
{
	return (g->flags[account] & GRAPH_SERVICE) != 0;
}

enum xt_status patterns_chains(struct patterns *w, struct xt_err *err) XT_CHECKED;
enum xt_status patterns_peels(struct patterns *w, struct xt_err *err) XT_CHECKED;
enum xt_status patterns_fans(struct patterns *w, struct xt_err *err) XT_CHECKED;
enum xt_status patterns_returns(struct patterns *w, struct xt_err *err) XT_CHECKED;
enum xt_status patterns_rests(struct patterns *w, struct xt_err *err) XT_CHECKED;
enum xt_status patterns_talks(struct patterns *w, struct xt_err *err) XT_CHECKED;
enum xt_status patterns_cosigners(struct patterns *w, struct xt_err *err) XT_CHECKED;

#endif
