/* Reading one account: the job and its parts. */
#ifndef XEMTRACE_CRAWL_ACCOUNT_H
#define XEMTRACE_CRAWL_ACCOUNT_H

#include "internal.h"

enum account_step {
	/* Of an account that is complete up to a height: is there anything new? */
	AT_PROBE,
	/* The balance, between two equal heights: so it belongs to that height. */
	AT_HEIGHT,
	AT_ACCOUNT,
	AT_HEIGHT_AGAIN,
	/* What was asked before is known, only the account's links are not. */
	AT_ACCOUNT_RESUMED,
	AT_TRANSFERS,
	AT_HARVESTS,
	/* The same list on further nodes. */
	AT_QUORUM_HEIGHT,
	AT_QUORUM_TRANSFERS,
	AT_HISTORY, /* what it held before the lists begin */
	AT_MOSAICS,
	AT_END
};

/* A transaction of the list, for repeated rows and for the comparison of nodes. */
struct listed_tx {
	struct nem_hash hash;
	uint64_t height;
	bool compare;   /* nodes must agree on it */
	size_t seen_by; /* the latest quorum node that lists it, plus one */
};

/* A proven transaction whose link with the account is not proven yet: it stands on a
 * page that comes later, since pages go from new to old. */
struct held_tx {
	struct nem_checked_tx tx;
	int64_t answer;
};

struct address_list {
	struct nem_address *v;
	size_t n, cap;
};

struct account_job {
	struct job base; /* first */
	enum account_step step;
	struct nem_address address;
	struct store_account row;
	struct store_crawl state;
	bool resumed;
	bool update;      /* complete before; stored as such until all new is read */
	bool quiet;       /* nothing is new */
	uint64_t since;   /* lists are read down to this height */
	uint64_t reached; /* crawl_reach_of() when it began */
	uint64_t from;    /* they were, or are to be, read from this one on; 0: all */
	bool keeps;       /* what it held before `from` is known, and stays so */
	struct store_crawl kept; /* as the case had it before */
	bool history_known;
	uint64_t history_uxem; /* held before `from`, by the node */
	uint64_t probed;       /* nothing new up to here */

	uint64_t height; /* before the balance was asked */
	unsigned pins;
	bool unpinned; /* the chain grew at each try */
	struct nis_account info;

	uint64_t before;      /* cursor of the next page */
	uint64_t last_height; /* of the page before */
	struct xt_map *by_hash;
	struct listed_tx *listed;
	size_t n_listed, cap_listed;
	struct held_tx *held;
	size_t n_held, cap_held;
	struct address_list multisigs;     /* that named this account in a 4097 */
	struct address_list cosignatories; /* that this account named in a 4097 */
	uint64_t harvests_listed;

	size_t primary;
	unsigned compared;    /* nodes beside the primary one */
	uint64_t quorum_top;  /* height of the present node */
	uint64_t quorum_cut;  /* up to which nodes must agree */
	unsigned differences; /* told of the present node */

	char mosaic[400];               /* asked for now */
	struct nem_mosaic_id mosaic_id; /* points into `mosaic` */
};

/* ---- guess.c -------------------------------------------------------------------- */

bool account_foresee(const struct crawl *c, struct ahead *a,
		     const struct nis_answer *last, struct nis_request *out);
/* The plan is for AT_PROBE. */
void account_foresee_probe(struct ahead *plan);

/* ---- update.c ------------------------------------------------------------------- */

enum xt_status update_take_probe(struct crawl *c, struct account_job *a,
				 const struct nis_answer *answer, struct xt_err *err);

/* ---- account.c ------------------------------------------------------------------ */

/* A job for an account, to go on from `s`. */
enum xt_status account_new(struct crawl *c, struct account_job **out,
			   const struct store_crawl *s, struct xt_err *err);
/* Keep the answer, record the incident, read the account elsewhere or leave it. */
enum xt_status account_refuse(struct crawl *c, struct account_job *a,
			      const struct nis_answer *answer, const char *what,
			      const char *why, struct xt_err *err);
/* The same for what the store found (crawl_is_conflict()); `err` says what that was. */
enum xt_status account_conflict(struct crawl *c, struct account_job *a,
				const struct nis_answer *answer, struct xt_err *err);
bool account_quorum_on(const struct crawl *c);
/* The lists are read: what comes next. */
void account_after_lists(const struct crawl *c, struct account_job *a);
/* An update: from where it is known stays as it is. */
void account_restore(struct account_job *a);
/* Is it being read now? */
bool account_is_job(const struct crawl *c, int64_t account);

/* ---- deepen.c -------------------------------------------------------------------- */

/* Down to which height its lists are needed; 0: all. */
uint64_t account_floor(const struct crawl *c, const struct store_account *a,
		       const struct store_crawl *s);
/* As crawl_deepen_if(), at the end of its own reading. */
enum xt_status account_deepen(struct crawl *c, int64_t account, struct xt_err *err);

/* ---- history.c ------------------------------------------------------------------- */

void history_ask(const struct account_job *a, struct nis_request *r);
enum xt_status history_take(struct crawl *c, struct account_job *a,
			    const struct nis_answer *answer, enum nis_verdict verdict,
			    struct xt_err *err);

/* ---- balance.c, lists.c: what to do with an answer --------------------------------
 */

enum xt_status balance_take_height(struct crawl *c, struct account_job *a,
				   const struct nis_answer *answer, struct xt_err *err);
enum xt_status balance_take_account(struct crawl *c, struct account_job *a,
				    const struct nis_answer *answer,
				    struct xt_err *err);
enum xt_status balance_take_height_again(struct crawl *c, struct account_job *a,
					 const struct nis_answer *answer,
					 struct xt_err *err);
enum xt_status lists_take_transfers(struct crawl *c, struct account_job *a,
				    const struct nis_answer *answer,
				    struct xt_err *err);
enum xt_status lists_take_harvests(struct crawl *c, struct account_job *a,
				   const struct nis_answer *answer, struct xt_err *err);

/* ---- page.c
 * -------------------------------------------------------------------------- */

/* What is wrong with a page: a word and a line. */
struct fault {
	char what[40];
	struct xt_err why;
};

/* A page of transactions, all proven. */
struct proven_page {
	struct crawl_check *v;
	size_t n;
	uint64_t last_id;
	bool full; /* there may be more */
};
void proven_page_release(struct proven_page *p);

/* Decode, order, repeated rows, hashes, signatures, and that each row concerns the
 * account. When something is wrong with the page, fault->what is set; else the error is
 * one of ours. Rows with a hash in
 * by_hash are a fault, or, if `each` is given, are not proven again but handed to it.
 */
enum xt_status page_prove(struct crawl *c, struct account_job *a,
			  struct proven_page *out, const struct nis_answer *answer,
			  enum xt_status (*each)(struct crawl *c, struct account_job *a,
						 struct listed_tx *l,
						 const struct nis_tx_entry *e,
						 struct xt_err *err),
			  struct fault *fault, struct xt_err *err);
enum xt_status list_tx(struct account_job *a, const struct nem_hash *hash,
		       uint64_t height, bool compare, size_t seen_by,
		       struct xt_err *err);

enum concern {
	CONCERN_OWN,   /* the account is a party */
	CONCERN_LINK,  /* listed since it is a cosignatory */
	CONCERN_LATER, /* perhaps a cosignatory: a later page must prove it */
	CONCERN_NONE
};
enum concern page_concern(const struct account_job *a, const struct nem_tx *tx);
/* Must nodes agree that this is in the list? Not on those of a cosignatory. */
bool page_compares(const struct account_job *a, const struct nem_tx *tx);
/* Learn cosignatory links from an accepted transaction. */
enum xt_status page_learn(struct account_job *a, const struct nem_tx *tx,
			  struct xt_err *err);
/* Store one proven transaction and what follows from it. Inside a transaction. */
enum xt_status page_store_tx(struct crawl *c, struct account_job *a,
			     const struct nem_checked_tx *tx, int64_t answer,
			     struct xt_err *err);
bool address_list_has(const struct address_list *l, const struct nem_address *a);

/* Whom an account got money from and paid, by one page; each once. */
struct fan {
	struct nem_address in[NIS_PAGE_SIZE], out[NIS_PAGE_SIZE];
	uint32_t n_in, n_out;
};
/* Payments of less than this do not count: anybody can send dust to anybody. */
#define CRAWL_FAN_DUST UINT64_C(1000000)
void page_fan(struct fan *f, const struct nem_address *who, const struct nem_tx *tx,
	      uint64_t height);

/* ---- quorum.c
 * -------------------------------------------------------------------------- */

/* Turn to the next node to compare with, or to AT_MOSAICS. */
enum xt_status quorum_next(struct crawl *c, struct account_job *a, struct xt_err *err);
enum xt_status quorum_take_height(struct crawl *c, struct account_job *a,
				  const struct nis_answer *answer, struct xt_err *err);
enum xt_status quorum_take_page(struct crawl *c, struct account_job *a,
				const struct nis_answer *answer, struct xt_err *err);

/* ---- mosaics.c
 * ---------------------------------------------------------------------------- */

enum xt_status mosaics_ask(struct crawl *c, struct account_job *a,
			   struct nis_request *r, bool *more, struct xt_err *err);
enum xt_status mosaics_take(struct crawl *c, struct account_job *a,
			    const struct nis_answer *answer, enum nis_verdict verdict,
			    struct xt_err *err);
/* How many definitions the case lacks. */
enum xt_status mosaics_unknown(struct crawl *c, size_t *n, struct xt_err *err);

/* ---- reconcile.c
 * ---------------------------------------------------------------------------- */

/* Opening + in + harvest - out against the balance that the node reported: sets state,
 * difference and reason of a->row. Inside a transaction. */
enum xt_status reconcile(struct crawl *c, struct account_job *a, struct xt_err *err);

#endif
