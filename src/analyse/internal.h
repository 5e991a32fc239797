/* Shared by the files of analyse. */
#ifndef XT_ANALYSE_INTERNAL_H
#define XT_ANALYSE_INTERNAL_H

#include <xemtrace/analyse.h>

/* The taint that one event moved, all thefts together (as TAINT_ALL counts). */
struct moved {
	uint32_t event;
	uint64_t tainted;
};

/* Steps through r->edges event by event, from *at = 0 on. False at the end. Events that
 * moved no taint are passed over. XT_E_LIMIT through *rc if a sum does not fit 64 bits.
 */
bool analyse_next_moved(struct moved *out, size_t *at, const struct taint_result *r,
			enum xt_status *rc, struct xt_err *err);

/* XT_E_USAGE unless r was made with options.edges. */
enum xt_status analyse_need_edges(const struct taint_result *r, const char *what,
				  struct xt_err *err) XT_CHECKED;

/* True where taint stops: a service, or what this run took for one. */
bool analyse_is_stop(const struct graph *g, const struct taint_result *r,
		     uint32_t account);

/* *sum += v, or XT_E_LIMIT that names the account. */
enum xt_status analyse_sum(uint64_t *sum, uint64_t v, const struct graph *g,
			   uint32_t account, struct xt_err *err) XT_CHECKED;

/* Moves first and last so that they take in `event`: by time where it is known, an
 * aggregate by both its ends, else by ledger order. */
void analyse_widen(uint32_t *first, uint32_t *last, const struct graph *g,
		   uint32_t event);

/* Adds how many transfers an event stands for. A record that does not say counts as
 * one, and *known becomes false. */
void analyse_count(uint64_t *count, bool *known, const struct graph *g, uint32_t event);

void analyse_basis_add(struct analyse_basis *b, const struct graph *g, uint32_t event,
		       xt_u128 amount);

/* The calendar day of an event, or ANALYSE_NO_DAY. */
int32_t analyse_day_of(const struct graph *g, uint32_t event,
		       int32_t (*day)(int64_t unix_time));

/* Does the event stay inside one group? Then *inside (may be NULL) counts it. */
bool analyse_fold_inside(const struct analyse_groups *fold,
			 struct analyse_inside *inside, const struct graph *g,
			 uint32_t event);

/* XEM that went from one account to another: no fee, harvest, opening, self transfer.
 */
static inline bool analyse_between(const struct graph_event *e)
{
	return e->from != GRAPH_NONE && e->to != GRAPH_NONE && e->from != e->to;
}

/* Taint that came in from elsewhere. Nobody sends a harvest, and a window can seed one.
 */
static inline bool analyse_arrives(const struct graph_event *e)
{
	return e->to != GRAPH_NONE && e->from != e->to;
}

/* One account's holdings over all thefts; steps from *at = 0 on. False at the end. */
struct held {
	uint32_t account;
	uint64_t tainted;
	uint64_t incomplete; /* of it, see struct taint_holding */
};
bool analyse_next_held(struct held *out, size_t *at, const struct taint_result *r,
		       enum xt_status *rc, struct xt_err *err);

#endif
