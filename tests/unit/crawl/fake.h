/* A node that answers from memory: the real decoders, checks, store and crawl see what
 * a NIS1 node would give (docs/nis1.md section 1), and a test may spoil single answers.
 * Chains are real (the nemesis block) or synthetic, signed with keys made from names.
 */
#ifndef XEMTRACE_TESTS_CRAWL_FAKE_H
#define XEMTRACE_TESTS_CRAWL_FAKE_H

#include <xemtrace/crawl.h>

struct fake_tx {
	char *json;
	struct nem_tx tx;
	struct nem_hash hash, inner_hash;
	bool has_inner;
	uint64_t height;
	struct nem_address also; /* listed for this one too: a cosignatory */
	bool has_also;
};

struct fake_harvest {
	struct nem_address account;
	uint64_t height, fee;
};

struct fake_chain {
	struct fake_tx *txs; /* oldest first */
	size_t n, cap;
	struct fake_harvest harvests[64];
	size_t n_harvests;
	uint64_t height;
	char *block_1; /* JSON of the real first block; NULL if synthetic */
	char *mosaic;  /* JSON of the one definition that nodes know; NULL if none */
	struct nem_levy_lookup levies; /* for balances */
	struct nem_address cosignatory,
	    multisig; /* one link, as /account/get tells it */
	bool has_link;
};

void fake_chain_init(struct fake_chain *c);
void fake_chain_release(struct fake_chain *c);
/* fixtures/nis/mainnet-nemesis-block.json */
void fake_nemesis(struct fake_chain *c);

/* Key and address of a name. */
struct nem_privkey fake_key(const char *name);
struct nem_address fake_address(const char *name);
/* Sign with the key of a name, write as JSON, append. The fields of `tx` that a
 * signature covers must be set; signer and signatures are filled in. */
struct fake_tx *fake_add(struct fake_chain *c, uint64_t height, const char *signer,
			 struct nem_tx *tx);
struct fake_tx *fake_pay(struct fake_chain *c, uint64_t height, const char *from,
			 const char *to, uint64_t uxem);
/* The account of `multisig` pays, by the signature of `initiator` alone. */
struct fake_tx *fake_pay_multisig(struct fake_chain *c, uint64_t height,
				  const char *multisig, const char *initiator,
				  const char *to, uint64_t uxem);
/* 4097 v1: `account` takes `cosignatory`. */
struct fake_tx *fake_modify(struct fake_chain *c, uint64_t height, const char *account,
			    const char *cosignatory);
struct fake_tx *fake_lend(struct fake_chain *c, uint64_t height, const char *owner,
			  const char *remote, uint32_t mode);
/* 1 unit of fake:coin, whose levy may be in XEM. */
struct fake_tx *fake_send_coin(struct fake_chain *c, uint64_t height, const char *from,
			       const char *to);
/* What the account holds after the chain. `base` is added: money that came before the
 * first row (only the nemesis account has that). */
int64_t fake_balance(const struct fake_chain *c, const struct nem_address *a);

struct fake_net;
/* One node: a chain, as it sees it, and what it does wrong. */
struct fake_node {
	char url[256];
	const struct fake_chain *chain;
	const struct fake_chain *blocks; /* if they are of another one; NULL */
	uint64_t height;                 /* reported; 0: the chain's */
	int network;                     /* 104 by default */
	uint32_t status;                 /* 6 by default */
	uint64_t first_id;               /* ids are first_id + row */
	bool down;
	/* After the honest answer was made: change it. false: no answer at all. */
	bool (*lie)(void *ctx, const struct nis_request *r, struct nis_answer *a);
	void *ctx;
	unsigned asked;
};

struct fake_net {
	struct fake_node nodes[4];
	size_t n;
	unsigned answers;
	unsigned stop_after; /* set `stop` after so many answers; 0 never */
	volatile int stop;
	struct nis_transport transport;
};

void fake_net_init(struct fake_net *net, const struct fake_chain *chain,
		   size_t n_nodes);
void fake_net_release(struct fake_net *net);
/* Replace the body. */
void fake_body(struct nis_answer *a, int http, const char *body);
/* Does the request ask for this list of this account? before: 0 any page. */
bool fake_is(const struct nis_request *r, const char *what,
	     const struct nem_address *a);

/* A clock that runs fast, so that waits pass. */
const struct xt_clock *fake_clock(void);

#endif
