/* crawl: grow a case from nodes. Frontier, requests, verification, one commit per unit
 * of progress, resume, blocks for order and time, reconciliation. docs/crawl.md. */
#ifndef XEMTRACE_CRAWL_H
#define XEMTRACE_CRAWL_H

#include <xemtrace/nis.h>
#include <xemtrace/store.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

enum crawl_blocks {
	CRAWL_BLOCKS_NEEDED, /* order matters, or a time is missing (default) */
	CRAWL_BLOCKS_ORDER,  /* only where order matters: fewer requests */
	CRAWL_BLOCKS_NONE
};

#define CRAWL_FAN 20u

/* What accounts hold of the stolen money by what the case knows now; the crawl reads the
 * account that holds most first. A seam: taint is above this floor. */
struct crawl_held {
	int64_t account; /* row */
	uint64_t uxem;
};
/* Of all that was stolen: what is at services or held by accounts that are complete. For
 * the progress line; 0 of 0 without a theft. */
struct crawl_sum {
	uint64_t stolen, located; /* uXEM */
};
struct crawl_order {
	/* *out: free(). Nothing was marked as stolen: none, and XT_OK. No transaction of
	 * the case is open meanwhile. */
	enum xt_status (*held)(void *ctx, struct store *s, struct crawl_held **out,
			       size_t *n, struct crawl_sum *sum, struct xt_err *err);
	void *ctx;
};

/* A session that is repeated from stored answers (the evidence floor does that): it
 * ends after as many units as the first time, and knows the services of that time. The
 * order of accounts is that of the answers: next_account() gives the address that was
 * asked about next, false if none was. */
struct crawl_service {
	char party[41];
	char label[1025];
};
struct crawl_replay {
	uint64_t units;
	const struct crawl_service *services;
	size_t n_services;
	bool (*next_account)(void *ctx, char address[41]); /* NULL: by depth */
	/* The node that gave the next answer. A session may have ended between the first
	 * question about an account, which does not name it, and the second. */
	bool (*next_node)(void *ctx, char url[256]);
	void *ctx;
	bool budget;                    /* it ended because its requests were used up */
	const struct store_seed *marks; /* what was marked as stolen at that time */
	size_t n_marks;
};

struct crawl_options {
	const char *const
	    *nodes; /* base URLs, 1 to 64; the same one twice counts once */
	size_t n_nodes;
	const struct nem_address *seeds;
	size_t n_seeds;     /* 0: go on with what is open */
	uint32_t max_depth; /* hops that are expanded; seeds are 0. Default 3 */
	bool has_from, has_to;
	int64_t from, to;      /* follow only transfers in this time (unix) */
	uint64_t min_uxem;     /* follow only transfers of at least this */
	bool through_services; /* expand labelled services too (default false) */
	/* Stop at accounts that so many pay and that pay so many, by their newest page:
	 * probable services. Never at a seed. Default CRAWL_FAN; 0: off */
	uint32_t fan;
	/* Where something is marked as stolen, accounts are read from the height on at which
	 * it can first have reached them; with this from block 1 on (default false). */
	bool full_history;
	uint64_t max_requests; /* then stop at a clean point, XT_OK; 0: no limit */
	unsigned rate;         /* requests a second per node, default 20; 0: no limit */
	unsigned connections;  /* requests under way per node, default 4 */
	unsigned quorum;       /* cross-check each list on so many nodes; 0, 1: off */
	/* Whole blocks of these heights are read first: every account's transactions in
	 * them. from 0: none; to 0: up to the height of the node. */
	uint64_t scan_from, scan_to;
	enum crawl_blocks blocks;
	const struct crawl_order *order;   /* NULL: by depth alone */
	volatile const int *stop;          /* set by a signal handler; NULL */
	const struct crawl_replay *replay; /* NULL */
};
void crawl_options_init(struct crawl_options *o);

/* Accounts by their state in the whole case; the rest is about this run. Filled in also
 * when the run fails: what was stored by then is in the case. */
struct crawl_report {
	uint64_t requests, answers_bytes; /* requests: tries included */
	uint64_t accounts_complete, accounts_incomplete, accounts_stopped,
	    accounts_open;
	uint64_t txs_new, txs_known; /* rows of account lists: first met, met again */
	uint64_t blocks;
	uint64_t incidents;   /* refused and recorded: the exit code says so */
	uint64_t differences; /* quorum; each is (up to 50 a list) an incident too */
	bool node_failed;     /* a node was given up: run again */
};

/* Crawl until the frontier is empty or a limit is reached. Progress goes to `sink`.
 * What an answer brings is stored as a whole or not at all, so that a run may be killed
 * at any instant. Begins by asking again for accounts that an earlier run had to leave
 * incomplete, and by applying this run's limits to what the case knows. `clock` and
 * `sink` may be NULL. XT_OK (look at report->incidents and accounts_open); XT_E_STOPPED
 * (consistent: run again); XT_E_NET (no node answers: run again); XT_E_VERIFY (a node
 * is of another network than the case); XT_E_BUSY (another crawl is at work on the case,
 * or from the store); XT_E_IO. The clock gives the time of answers. */
enum xt_status crawl_run(struct crawl_report *out, struct store *s,
			 struct nis_transport *transport,
			 const struct crawl_options *opt, const struct xt_clock *clock,
			 const struct xt_sink *sink, struct xt_err *err) XT_CHECKED;

/* ---- harvesters ------------------------------------------------------------- */

/* With this and a height begins the reason of an account that was not asked about, since
 * all blocks from the first one on were read. */
#define CRAWL_WHOLE "scan: blocks 1 to "

/* Remote harvesting: an account lends its importance to another key, which signs blocks
 * in its name; their fees are the owner's. docs/nis1.md section 6. */
struct crawl_link {
	struct nem_address owner, remote;
	uint64_t height;
	uint32_t mode; /* 1 lent, 2 taken back */
};
struct crawl_links {
	struct crawl_link *v;
	size_t n, cap;
};
/* Those of the case's importance transactions; crawl_links_free() in every case. */
enum xt_status crawl_links_load(struct crawl_links *l, struct store *s,
				struct xt_err *err) XT_CHECKED;
/* Remember an importance transaction, any other is passed over. */
enum xt_status crawl_links_add(struct crawl_links *l, const struct nem_tx *tx,
			       uint64_t height, struct xt_err *err) XT_CHECKED;
void crawl_links_free(struct crawl_links *l);
/* Whose importance the key of `signer` had at that height; NULL: no link says that it
 * was lent any. */
const struct nem_address *crawl_links_owner(const struct crawl_links *l,
					    const struct nem_address *signer,
					    uint64_t height);

/* ---- checks on all cores ----------------------------------------------------- */

struct crawl_pool;
/* One check: in: tx (swallowed), claims; out: checked or err. */
struct crawl_check {
	struct nem_tx *tx;
	enum nem_network net;
	uint64_t height;
	const struct nem_hash *hash, *inner_hash; /* NULL: no claim */
	struct nem_checked_tx checked;
	enum xt_status status;
	struct xt_err err;
};
/* threads: 0 for one per core. */
enum xt_status crawl_pool_new(struct crawl_pool **out, unsigned threads,
			      struct xt_err *err) XT_CHECKED;
void crawl_pool_free(struct crawl_pool *p);
/* Check all; results stand where the work stood. The caller works too. */
void crawl_pool_run(struct crawl_pool *p, struct crawl_check *v, size_t n);

/* What a transport's failure (no HTTP answer) is stored as: HTTP status 0, and in place
 * of a body the name of the status, ": ", and the words of the transport. */
enum xt_status crawl_failure_text(struct xt_buf *out, const struct nis_answer *a,
				  struct xt_err *err) XT_CHECKED;
/* The reverse: sets status and err of `a` by such a body. XT_E_DATA if it is none. */
enum xt_status crawl_failure_read(struct nis_answer *a, const uint8_t *body, size_t len,
				  struct xt_err *err) XT_CHECKED;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
