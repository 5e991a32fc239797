/* The scale model of the Coincheck case, while it is being planned: wallets, transactions
 * in any order, and what is true of them. Synthetic: keys follow from names, and what the
 * published record does not say is made up from a seed number. README.md tells the story. */
#ifndef XEMTRACE_TESTS_SCALE_MODEL_H
#define XEMTRACE_TESTS_SCALE_MODEL_H

#include <stdio.h>

#include "../node/util.h"

#define XEM    UINT64_C(1000000)
#define NOBODY UINT32_MAX

#define MAX_WALLETS 8192

/* Unix time. The chain is a block a minute from START to END, JST in the story. */
#define JST   (9 * 3600)
#define HOUR  3600
#define DAY   86400
#define START INT64_C(1514041200) /* 2017-12-24T00:00+09:00 */
#define END   INT64_C(1521817200) /* 2018-03-24T00:00+09:00 */

enum memo_kind { MEMO_NONE, MEMO_PLAIN, MEMO_ENCRYPTED };

struct memo {
	enum memo_kind kind;
	char text[132]; /* encrypted: hex */
};

struct wallet {
	char name[32];
	const char *role;
	char owner[32];
	char models
	    [41]; /* address in the published record that it stands for; "" none */
	char label[64]; /* "" none */
	const char *category;
	bool service;
	struct nem_address address;
	uint64_t opening; /* uXEM, in block 1 */
	uint32_t cosigners[3];
	unsigned n_cosigners, min;
	uint32_t *txs; /* those that name it, as planned */
	size_t n_txs, cap_txs;
	/* of the replay (replay.c) */
	uint64_t balance, taint;
	bool touched; /* ever held stolen XEM, or received it as a service */
};

enum tx_kind { TX_TRANSFER, TX_MAKE_MULTISIG, TX_OTHER };

struct tx {
	enum tx_kind kind;
	int64_t t;         /* time of its block */
	uint64_t seq;      /* order among those of one time */
	uint32_t from, to; /* to: NOBODY if no XEM moves to anybody */
	uint64_t amount, fee;
	uint64_t outer_fee,
	    cosign_fee;    /* of a 4100: each of `cosigned` - 1 pays the latter */
	unsigned cosigned; /* 0: not wrapped */
	struct memo memo;
	char *text;       /* TX_OTHER: the line without fee and height */
	const char *role; /* what it is in the story */
	bool clock;       /* its block has exactly the time t */
	bool prompt;      /* signed in the second of its block */
	bool theft;       /* what it carries is stolen */
	uint64_t height;
	uint32_t index, line;
	uint64_t tainted; /* of `amount`, by the replay */
};

/* Something that is true of some wallets: a rule of docs/deposits.md, a pattern of
 * docs/patterns.md, or wallets of one owner. */
struct fact {
	const char *kind;
	uint32_t who, other; /* NOBODY: none */
	uint32_t *members;
	size_t n;
};

struct harvest {
	uint64_t height;
	uint32_t signer, owner;
};

struct model {
	uint64_t seed, random;
	struct wallet *w; /* room for MAX_WALLETS: their names stay where they are */
	size_t n_w;
	struct xt_map *by_name;
	struct tx *tx;
	size_t n_tx, cap_tx;
	struct fact *facts;
	size_t n_facts, cap_facts;
	struct harvest *harvests;
	size_t n_harvests, cap_harvests;
	uint64_t stolen, fee_taint, at_services;
};

/* ---- chance: the same numbers for the same seed, everywhere ---- */

uint64_t chance(struct model *m, uint64_t below);
int64_t between(struct model *m, int64_t from, int64_t to); /* both included */
/* n positive whole numbers that add up to `total`; weights from 1 to `spread`. */
uint64_t *parts(struct model *m, uint64_t total, size_t n, uint64_t spread);
void shuffle(struct model *m, uint32_t *v, size_t n);

/* ---- time ---- */

/* "2018-01-26T00:02[:13]" in Japan. */
int64_t jst(const char *text);
uint64_t height_of(int64_t t);

/* ---- wallets ---- */

uint32_t wallet_new(struct model *m, const char *role, const char *owner,
		    const char *fmt, ...) FX_PRINTF(4, 5);
uint32_t wallet_find(const struct model *m, const char *name);
void wallet_models(struct model *m, uint32_t w, const char *address);
void wallet_label(struct model *m, uint32_t w, const char *category, bool service,
		  const char *fmt, ...) FX_PRINTF(5, 6);
/* uXEM after all that is planned up to `t`, that second included. */
uint64_t balance_at(const struct model *m, uint32_t w, int64_t t);
/* Time of the first or last payment into it; 0: none. */
int64_t first_in(const struct model *m, uint32_t w);
int64_t last_in(const struct model *m, uint32_t w);

/* ---- transactions ---- */

uint64_t usual_fee(uint64_t amount, const struct memo *memo);
/* A transfer; of a multisig wallet it is wrapped. Valid until the next one is planned. */
struct tx *pay(struct model *m, uint32_t from, uint32_t to, uint64_t uxem, int64_t t,
	       const char *role, const struct memo *memo);
/* The same of all that it has then, less `keep` and the fees. NULL: that would be nothing. */
struct tx *pay_all(struct model *m, uint32_t from, uint32_t to, uint64_t keep,
		   int64_t t, const char *role, const struct memo *memo);
void make_multisig(struct model *m, uint32_t w, const uint32_t cosigners[3],
		   unsigned min, int64_t t);
/* Any other line of the ledger; `uxem` goes to `to`. */
void other_tx(struct model *m, uint32_t from, uint32_t to, uint64_t uxem, uint64_t fee,
	      int64_t t, const char *role, const char *fmt, ...) FX_PRINTF(8, 9);
struct memo plain(const char *fmt, ...) FX_PRINTF(1, 2);
struct memo encrypted(struct model *m);

/* ---- truth ---- */

void fact(struct model *m, const char *kind, uint32_t who, uint32_t other,
	  const uint32_t *members, size_t n);

/* ---- the whole ---- */

struct model *model_new(uint64_t seed);
void model_free(struct model *m);
/* Heights, order, indices; then who harvests. */
void model_sort(struct model *m);
/* Slow and obvious: balances, haircut, sinks. Dies if somebody spends what he has not. */
void model_replay(struct model *m);
void write_ledger(FILE *f, struct model *m);
void write_truth(FILE *f, const struct model *m);
void write_labels(FILE *f, const struct model *m);

/* ---- the story ---- */

/* In this order. `record`: the folder of the published tables. */
void story_services(struct model *m);
void story_theft(struct model *m, const char *record);
void story_people(struct model *m); /* who has nothing to do with it */
void story_shop(struct model *m, const char *record);
void story_scenes(struct model *m); /* between buyers, and with services */
void story_late(struct model *m, const char *record); /* what became of it */
void story_rest(struct model *m);

/* One row of a published table. */
struct row {
	char *cell[8];
	size_t n;
};
struct row *read_table(const char *dir, const char *file, size_t *n);
void free_table(struct row *rows, size_t n);
uint64_t cell_uxem(const struct row *r, size_t column);

/* What a buyer does with what he bought, once all his purchases are planned. */
enum habit {
	HABIT_DEPOSIT, /* with memos, at labelled exchanges; keeps some change */
	HABIT_DRAIN,   /* the same, down to nothing */
	HABIT_FORWARD, /* at a deposit address of his own at a swap service */
	HABIT_POOL,    /* with memos, at an exchange that nobody labelled */
	HABIT_CHAIN,   /* through wallets used once, to a payment processor */
	HABIT_PEEL,    /* along a peel chain */
	HABIT_MULTISIG,
	HABIT_SWEPT, /* at addresses of a processor without a label, which it empties daily */
	HABIT_SPLIT, /* into many wallets of his own, which deposit */
	HABIT_SLEEP, /* a rest of a week and more, then a deposit */
	HABIT_HOLD,
	HABITS
};
void behave(struct model *m, uint32_t w, enum habit h);
/* A customer's memo at a service, always the same for the same two. */
struct memo customer_memo(const struct model *m, uint32_t service, const char *owner);
uint32_t some_exchange(struct model *m);

#endif
