/* What the files of the crawl share.
 *
 * A crawl is a set of jobs that ask and take: each job is a small state machine that
 * says what it wants to ask next and takes the answer. The engine (engine.c) runs one
 * after the other: again after a failure, elsewhere after a refusal. fetch.c sends
 * requests, also those that later jobs will want, as fast as the nodes allow. A job
 * knows neither time nor other jobs. */
#ifndef XEMTRACE_CRAWL_INTERNAL_H
#define XEMTRACE_CRAWL_INTERNAL_H

#include <xemtrace/crawl.h>

/* Nodes of one crawl: a bit each in a job's mask. */
#define CRAWL_MAX_NODES 64u
/* Times that a request is sent to one node before that node must rest. With the waits
 * of crawl_backoff_ms() that is about a quarter of a minute; where others can take
 * over, or the node never answered, a second or so. */
#define CRAWL_TRIES        6u
#define CRAWL_TRIES_OTHERS 3u
/* Questions that a node fails on one after the other until it must rest. */
#define CRAWL_NODE_FAILS 3u
/* A node that failed rests so long, twice as long each further time, and after so many
 * times is given up for the run. */
#define CRAWL_REST_S 30
#define CRAWL_RESTS  5u
/* Accounts of the frontier that are looked at for guesses. */
#define CRAWL_PEEK 256u
/* Units of progress that may be written to the disk at once, and how long they may wait
 * for it: a disk can take 50 ms for each time, as long as a node for an answer. */
#define CRAWL_FLUSH    256u
#define CRAWL_FLUSH_MS 200u
/* Reorganisations that one run follows. */
#define CRAWL_REORGS 5u
/* Blocks that a node may take back. docs/nis1.md section 7. */
#define CRAWL_REWRITE_LIMIT 360u
/* A node that is so many blocks below another one has fallen behind. */
#define CRAWL_BEHIND 5u
/* A page may hold transactions of blocks that came after the height was asked, and not
 * of blocks a day ahead: the node makes heights up. */
#define CRAWL_HEIGHT_SLACK 1440u

struct crawl;
struct job;

struct job_ops {
	const char *what; /* for messages */
	/* The node does not give this; *handled: the job knows another way. May be
	 * NULL. */
	enum xt_status (*refused)(struct crawl *c, struct job *j, bool *handled,
				  struct xt_err *err);
	/* The next request; *more = false when the job is finished. */
	enum xt_status (*ask)(struct crawl *c, struct job *j, struct nis_request *r,
			      bool *more, struct xt_err *err);
	/* An answer to use, or that the thing asked for is absent there. */
	enum xt_status (*take)(struct crawl *c, struct job *j,
			       const struct nis_answer *a, enum nis_verdict verdict,
			       struct xt_err *err);
	/* From here on the job speaks to another node: what belongs to the old one
	 * (cursors) is forgotten. */
	enum xt_status (*moved)(struct crawl *c, struct job *j, struct xt_err *err);
	/* Every node that lives refused, or gave what could not be used. Ends the job.
	 */
	enum xt_status (*give_up)(struct crawl *c, struct job *j, const char *what,
				  const char *why, struct xt_err *err);
	void (*free)(struct job *j);
};

struct job {
	const struct job_ops *ops;
	int64_t key; /* what it is about, among the jobs of its source */
	size_t node;
	uint64_t tried;      /* bit per node that was of no use to this job */
	unsigned tries;      /* of the present request on this node */
	uint64_t wait_until; /* monotonic ms */
	bool in_flight, has_request, done;
	struct nis_request request;
};

/* Does the node give us what is for its own machine alone? */
enum crawl_local { LOCAL_UNKNOWN, LOCAL_YES, LOCAL_NO };

struct crawl_node {
	char url[256];
	char key[65]; /* hex; "" unknown */
	bool live, greeted;
	bool history; /* gives balances of the past */
	bool wrong_network;
	enum crawl_local local;
	bool anchored; /* it had the block that was noted at the beginning */
	uint64_t height, greeted_height;
	uint64_t credit, credit_at; /* token bucket: 1/10000 of a request; ms */
	unsigned fails;             /* questions given up one after the other */
	unsigned in_flight;
	uint64_t pause_until; /* ms */
	bool resting;
	int64_t rest_until;                 /* unix */
	unsigned rests;                     /* since it last answered */
	uint64_t sent, rate_from, rate_now; /* requests; for progress */
};

enum fetch_state { FETCH_WAITS, FETCH_SENT, FETCH_DONE };

/* A request, and its answer until somebody takes it. */
struct fetch {
	struct fetch *next; /* of the same row of guesses */
	struct fetch *wire; /* on the wire */
	struct ahead *ahead;
	struct nis_request request;
	size_t node;
	unsigned tries, step; /* step: of the row when this was foreseen */
	enum fetch_state state;
	bool orphan; /* nobody wants it any more */
	int64_t came;
	struct nis_answer answer;
};

/* What a job that has not begun will ask, guessed step by step from what came. */
struct ahead {
	struct ahead *next;
	int64_t key; /* of the job */
	size_t node;
	/* The request after the answer `last` (NULL: the first), with `step` as it was
	 * left when that was foreseen; false if there is none now, or it cannot be
	 * guessed. With `more` set it is called again at once, with NULL, for one that
	 * can be under way at the same time. In the order of the job's questions. */
	bool (*foresee)(const struct crawl *c, struct ahead *a,
			const struct nis_answer *last, struct nis_request *out);
	/* Of foresee(). */
	bool more;
	unsigned step;
	uint64_t value;
	struct nem_address address;
	struct store_crawl state;
	/* Of fetch.c. */
	struct fetch *first, *last; /* in the order of the questions */
	size_t n;
	bool ended;
};

#define CRAWL_LABEL sizeof(((struct store_label *)0)->label)

struct crawl {
	struct store *s;
	struct nis_transport *t;
	const struct crawl_options *opt;
	const struct xt_clock *clock;
	const struct xt_sink *sink;
	struct crawl_report rep;

	struct crawl_node *nodes;
	size_t n_nodes;
	bool has_net;
	enum nem_network net;
	struct crawl_pool *pool;

	char *lock_path; /* NULL: no lock is held */
	int lock;
	int64_t session;     /* row of this run in the case */
	uint64_t units;      /* of progress, in this run */
	unsigned unflushed;  /* units that are not on the disk yet */
	uint64_t flushed_at; /* ms */
	int64_t mark;        /* of the store, for the present unit */
	int64_t answer_time; /* when the present answer came */
	int64_t now;         /* the latest of these */
	int64_t kept;        /* row of the present answer, once it is committed */
	uint64_t n_kept;     /* answers of this run */
	uint64_t anchored;   /* of these, when the newest block was noted */
	uint64_t anchor;     /* its height; 0: none */
	int64_t keeping;     /* the same while the transaction is open */

	struct job *job;      /* under way */
	struct fetch *demand; /* what it waits for */
	struct ahead *own;    /* guesses about it */
	struct ahead *ahead;  /* about those after it, in their order */
	size_t n_ahead;
	struct fetch *wire; /* requests without an answer yet */
	uint64_t buffered;  /* bytes of answers that nobody took yet */
	bool look;          /* there may be new jobs to guess about */
	uint64_t next_tag;
	bool budget_spent;
	struct xt_err last; /* the latest failure of a node, for the end */

	struct crawl_held *held; /* by account */
	size_t n_held;
	struct crawl_sum sum;
	bool weighed;
	uint64_t weighed_units; /* of progress, at that time */
	uint64_t weighed_txs;   /* rep.txs_new */
	uint64_t weighed_size;  /* transactions in the case; 0: it was a small one */

	struct crawl_reach *reach; /* NULL: all of each account matters */

	struct xt_map *services; /* address to index of service_names */
	char (*service_names)[CRAWL_LABEL];
	struct nem_party *service_parties;
	size_t n_services;
	struct xt_map *mosaics_asked; /* "ns\0name": not asked again in this run */
	struct xt_map *scanned_tried; /* rows: crawl_update_scanned() had them */
	struct crawl_links links;
	bool lowered; /* an account that was read came nearer to a seed: follow again */

	uint64_t scan_done, scan_total; /* blocks; total 0: no scan is at work */
	uint64_t accounts_done, accounts_waiting;
	struct crawl_report rep_before; /* when the present unit began */
	uint64_t waiting_before;
	uint64_t shown_at, rate_at, rate_from, rate_now; /* progress line */
};

/* ---- engine.c -------------------------------------------------------------------- */

/* Where jobs come from. They are done one after the other, so that the case depends on
 * the answers alone, and not on how fast they came. */
struct crawl_source {
	/* The next job, *job = NULL if there is none. */
	enum xt_status (*next)(struct crawl *c, void *ctx, struct job **job,
			       struct xt_err *err);
	/* Tell crawl_ahead_add() of jobs that will come, while crawl_ahead_wants(). */
	enum xt_status (*peek)(struct crawl *c, void *ctx, struct xt_err *err);
	void *ctx;
};
/* Run jobs until the source has none. */
enum xt_status crawl_pump(struct crawl *c, const struct crawl_source *source,
			  struct xt_err *err);
/* Wait before the n-th further try of a request: doubles, with a jitter that depends on
 * the tag alone, so that runs repeat. */
uint64_t crawl_backoff_ms(uint64_t tag, unsigned tries);
/* The node of this job is of no use to it: go to another, or give up. `what` is a word
 * for the incident, `why` a line. */
enum xt_status crawl_elsewhere(struct crawl *c, struct job *j, const char *what,
			       const char *why, struct xt_err *err);
/* Does the node live, and not rest? */
bool crawl_usable(const struct crawl *c, size_t node);
/* First usable node that was not tried. False if there is none. */
bool crawl_other_node(const struct crawl *c, size_t *node, uint64_t tried);
/* Spread work by its key over usable nodes, those at this height first. False if there
 * is none. */
bool crawl_node_for(const struct crawl *c, size_t *node, uint64_t key, uint64_t height);
/* How many are usable. */
size_t crawl_live_nodes(const struct crawl *c);
/* A node must rest, or is given up for this run. XT_E_NET if it was the last one. */
enum xt_status crawl_drop_node(struct crawl *c, size_t node, const char *why,
			       struct xt_err *err);
uint64_t crawl_now_ms(const struct crawl *c);
/* XT_E_STOPPED if someone asked to stop. */
enum xt_status crawl_check_stop(struct crawl *c, struct xt_err *err);

/* ---- progress.c ------------------------------------------------------------------ */

/* The line of progress, now and then; `last`: in any case. XT_E_STOPPED if the sink
 * says so. */
enum xt_status crawl_show(struct crawl *c, bool last, struct xt_err *err);

/* ---- order.c --------------------------------------------------------------------- */

typedef bool (*crawl_frontier_fn)(void *ctx, const struct store_crawl *s);
/* The first `max` accounts that wait, in the order of work, until `each` gives false.
 */
enum xt_status crawl_frontier(struct crawl *c, size_t max, crawl_frontier_fn each,
			      void *ctx, struct xt_err *err);
enum xt_status crawl_recorded_pick(struct crawl *c, struct store_crawl *out,
				   bool *found, struct xt_err *err);

/* ---- lock.c ---------------------------------------------------------------------- */

/* XT_E_BUSY: another crawl has it. */
enum xt_status crawl_lock(struct crawl *c, struct xt_err *err);
void crawl_unlock(struct crawl *c);

/* ---- fetch.c --------------------------------------------------------------------- */

bool crawl_ahead_wants(const struct crawl *c);
/* Begin to guess; nothing to do for a key that is known. The caller's members are key,
 * node, foresee and what foresee() needs. */
enum xt_status crawl_ahead_add(struct crawl *c, const struct ahead *plan,
			       struct xt_err *err);
/* The job begins: what was guessed of it is its own now. */
void crawl_ahead_begin(struct crawl *c, const struct job *j);
void crawl_ahead_drop(struct crawl *c, struct ahead *a);
/* Drop guesses at nodes that are not usable; or all, and the demand. */
void crawl_ahead_prune(struct crawl *c);
void crawl_ahead_clear(struct crawl *c);
/* The job waits for the answer to j->request. */
enum xt_status crawl_demand(struct crawl *c, const struct job *j, struct xt_err *err);
/* Is it there? Then it is the caller's. */
bool crawl_taken(struct crawl *c, struct nis_answer *out, int64_t *came);
/* Send what may be sent now. *wait: lowered to when something else may. */
enum xt_status crawl_send(struct crawl *c, uint64_t *wait, struct xt_err *err);
/* Take what came; wait `ms` for the first. */
enum xt_status crawl_collect(struct crawl *c, uint64_t ms, struct xt_err *err);
/* Nothing is sent to the node for a while. */
void crawl_pause(struct crawl *c, size_t node, uint64_t ms);
void crawl_wire_release(struct crawl *c);

/* ---- evidence.c -------------------------------------------------------------------
 */

/* A unit of progress: all of it is stored, or nothing. After a failure the counters
 * stand as before, too. */
#define CRAWL_BEGIN(c, err) crawl_begin((c), __FILE__ ":" STORE_STR(__LINE__), (err))
enum xt_status crawl_begin(struct crawl *c, const char *where, struct xt_err *err);
/* The row of this run; its first unit. */
enum xt_status crawl_session_begin(struct crawl *c, struct xt_err *err);
/* How it ended. Nothing is said if the case cannot be written any more. */
void crawl_session_end(struct crawl *c, enum xt_status rc);
/* Keep it if `rc` is XT_OK, else undo it; gives the outcome. It is on the disk after
 * crawl_flush(); the engine sees to it that this is soon. */
enum xt_status crawl_end(struct crawl *c, enum xt_status rc, struct xt_err *err);
enum xt_status crawl_flush(struct crawl *c, struct xt_err *err);
/* Did the store find that an answer contradicts what the case holds? Then the answer is
 * refused, and the run goes on. */
bool crawl_is_conflict(enum xt_status rc);

/* Store the raw answer; once, however often a path asks for it: the stored answers are
 * then the requests of the run, in their order. Inside a transaction. */
enum xt_status crawl_keep(struct crawl *c, size_t node, const struct nis_answer *a,
			  int64_t *id, struct xt_err *err);
/* The same as a unit of its own; nothing to do if it is kept already. */
enum xt_status crawl_keep_alone(struct crawl *c, size_t node,
				const struct nis_answer *a, struct xt_err *err);
/* What the store says, without the path of the case: it goes into the case. */
const char *crawl_reason(const struct crawl *c, const struct xt_err *err);
/* Record an incident; inside a transaction. `account` may be NULL. */
enum xt_status crawl_incident(struct crawl *c, size_t node, const char *url,
			      int64_t answer, const char *what,
			      const struct nem_address *account, const char *text,
			      struct xt_err *err);
/* Keep the answer and record the incident, as a unit of its own. */
enum xt_status crawl_refuse(struct crawl *c, size_t node, const struct nis_answer *a,
			    const char *what, const struct nem_address *account,
			    const char *text, struct xt_err *err);

/* ---- nodes.c -----------------------------------------------------------------------
 */

/* Ask every node who it is. XT_E_NET: none answers. XT_E_VERIFY: wrong network. */
enum xt_status crawl_greet(struct crawl *c, struct xt_err *err);

/* ---- follow.c ----------------------------------------------------------------------
 */

/* Money went out of an account that is read at `depth` (row `from`): should the
 * recipient be read? Writes its state. Inside a transaction. */
enum xt_status crawl_follow(struct crawl *c, int64_t from, uint32_t depth,
			    const struct nem_party *to, uint64_t uxem, int64_t time,
			    struct xt_err *err);
/* The same for all that the account paid by what the case knows. */
enum xt_status crawl_follow_known(struct crawl *c, int64_t account, struct xt_err *err);
/* Is it a payment, or a fee to a sink of the network? (The latter for the record: a
 * sink is a stop.) */
bool crawl_follows(enum nem_movement_kind kind, const char *to);
bool crawl_is_sink(const char *address);
/* Apply the limits of this run to what the case knows already: accounts that wait, and
 * the recipients of accounts that were read. */
enum xt_status crawl_refollow(struct crawl *c, struct xt_err *err);
/* The requests of this run are used up: accounts that wait say so. Inside a transaction
 * of the store. */
enum xt_status crawl_stop_budget(struct crawl *c, struct xt_err *err);
/* Is it a probable service by its newest page? Then the reason is put into `out`, else
 * "". Not for seeds. */
void crawl_fan_reason(const struct crawl *c, const struct store_crawl *s,
		      char out[160]);
/* Name of the service label of an account, NULL if it has none. */
const char *crawl_service_name(const struct crawl *c, const struct nem_party *p);
enum xt_status crawl_load_services(struct crawl *c, struct xt_err *err);
/* Into the session: labels may change later, and they steer the crawl. */
enum xt_status crawl_put_services(struct crawl *c, struct xt_err *err);
/* Put an account into the frontier. Inside a transaction. */
enum xt_status crawl_open_account(struct crawl *c, struct store_account *a,
				  uint32_t depth, struct xt_err *err);

/* ---- reach.c --------------------------------------------------------------------- */

#define CRAWL_NEVER UINT64_MAX
/* What is marked as stolen; nothing is, or all history is asked for: c->reach is NULL,
 * and every account is reached from the beginning. */
enum xt_status crawl_reach_load(struct crawl *c, struct xt_err *err);
enum xt_status crawl_reach_put_marks(struct crawl *c, struct xt_err *err);
void crawl_reach_release(struct crawl *c);
/* Make it anew from the ledger if something came by another way, or was undone. */
enum xt_status crawl_reach_fresh(struct crawl *c, struct xt_err *err);
void crawl_reach_stale(struct crawl *c);
/* A transaction was stored; settle() draws the conclusions of several. Inside a
 * transaction of the store. */
enum xt_status crawl_reach_tx(struct crawl *c, const struct nem_checked_tx *tx,
			      int64_t id, struct xt_err *err);
enum xt_status crawl_reach_settle(struct crawl *c, struct xt_err *err);
/* When nothing waits any more: seeds of the crawl that nothing stolen concerns. All that
 * they pay counts from now on, in later runs as well. Inside a transaction. */
enum xt_status crawl_reach_sources(struct crawl *c, bool *added, struct xt_err *err);
/* The first height at which stolen money can have reached it; CRAWL_NEVER. */
uint64_t crawl_reach_of(const struct crawl *c, int64_t account);
/* Is it named by a mark? */
bool crawl_reach_marked(const struct crawl *c, int64_t account);
/* Down to which height its lists are needed; 0: all. */
uint64_t crawl_reach_floor(const struct crawl *c, int64_t account, bool seed);
/* Can what it sends there be stolen, or is the transaction marked? */
enum xt_status crawl_reach_carries(struct crawl *c, bool *out, int64_t account,
				   int64_t tx, uint64_t height, struct xt_err *err);

/* ---- deepen.c -------------------------------------------------------------------- */

/* Read on if it is needed from an earlier height than it was read from. Inside a
 * transaction. */
enum xt_status crawl_deepen_if(struct crawl *c, int64_t account, struct xt_err *err);
/* The same for all accounts. */
enum xt_status crawl_deepen_all(struct crawl *c, struct xt_err *err);
/* Nothing waits any more: what is left to do? *more: something was opened. */
enum xt_status crawl_deepen_rest(struct crawl *c, bool *more, struct xt_err *err);

/* ---- remote.c
 * ------------------------------------------------------------------------ */

/* Was the account a remote key in force at that height? Then the block's fees are not
 * its own. */
bool crawl_was_remote(const struct crawl *c, const struct nem_address *a,
		      uint64_t height);
/* Is it a party of any link? */
bool crawl_has_link(const struct crawl *c, const struct nem_address *a);

/* ---- account.c, blocks.c
 * -------------------------------------------------------------- */

/* The accounts of the frontier as jobs. */
extern const struct crawl_source crawl_accounts;
enum xt_status crawl_blocks(struct crawl *c, struct xt_err *err);

/* ---- reorg.c --------------------------------------------------------------------- */

/* Does the chain that the case is of still stand? What of it does not is taken out, and
 * waits to be read again. Then the newest block is noted, to ask for it later. */
enum xt_status crawl_anchor(struct crawl *c, struct xt_err *err);
/* The end of the work: does the block noted still stand? If not, *again: there is more
 * to do. */
enum xt_status crawl_confirm(struct crawl *c, bool *again, struct xt_err *err);

/* ---- scan.c ---------------------------------------------------------------------- */

/* Whole blocks, if the run was asked for some. */
enum xt_status crawl_scan(struct crawl *c, struct xt_err *err);

/* ---- update.c -------------------------------------------------------------------- */

/* If nothing waits, the case was finished: what is new of its accounts is read. */
enum xt_status crawl_update(struct crawl *c, struct xt_err *err);
/* Accounts that money leads to and that whole blocks made known up to a height below that
 * of the nodes: what came after it is read by their lists. *any: there were some. */
enum xt_status crawl_update_scanned(struct crawl *c, bool *any, struct xt_err *err);

#endif
