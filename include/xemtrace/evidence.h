/* evidence: a case proves itself. Check everything in it anew, build it again from its
 * own stored answers, seal it, and explain one saved answer. Needs no network. Formats:
 * docs/evidence.md. */
#ifndef XEMTRACE_EVIDENCE_H
#define XEMTRACE_EVIDENCE_H

#include <xemtrace/crawl.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* ---- verify ------------------------------------------------------------------ */

/* Something that does not hold. All texts may come from a hostile case. */
struct evidence_finding {
	const char *what; /* "answer", "transaction", "movement", ... static */
	char where[160];  /* row: "answer 12", a hash, an address */
	char field[40];
	char expected[220], found[220];
};

struct evidence_counts {
	uint64_t answers, answer_bytes;
	uint64_t signed_txs, signatures, exempt; /* all signatures, cosignatures too */
	uint64_t published, aggregate, inferred, reported; /* rows that nothing signs */
	uint64_t movements; /* of signed and exempt transactions, computed anew */
	uint64_t harvests;  /* fees that an answer in the case lists */
	uint64_t blocks, links;
	uint64_t reconciled; /* accounts whose sums give the balance of an answer */
	uint64_t declared;   /* complete by an import's word */
	uint64_t orphans;    /* transactions that left the chain */
	uint64_t seals;
	uint64_t findings;
};

/* Check a case. Findings go to `each` (false: stop, XT_E_STOPPED); XT_OK also when
 * there are some. key: the sealing key as it is known from elsewhere, or NULL.
 * Signatures are checked on all cores. Cost: every row and every answer once. */
enum xt_status
evidence_verify(struct evidence_counts *out, struct store *s,
		const struct nem_pubkey *key,
		bool (*each)(void *ctx, const struct evidence_finding *f), void *ctx,
		const struct xt_sink *sink, struct xt_err *err) XT_CHECKED;
/* Each raw answer into a file of its own in `folder` (made if missing): 00000001 and so
 * on, in the order of the chain. Files that are there already are not written over. */
enum xt_status evidence_export_answers(struct store *s, const char *folder, uint64_t *n,
				       struct xt_err *err) XT_CHECKED;

/* ---- replay ------------------------------------------------------------------ */

struct evidence_difference {
	const char *table;
	bool rebuilt; /* the row is in the rebuilt case alone, else in the original */
	const char *row; /* JSON array of its fields */
};
struct evidence_replay {
	uint64_t sessions, answers, rows, differences;
};
/* Build the case at `path` again in `s`, which must be new and empty: sessions in their
 * order, answers in theirs. XT_E_NOTFOUND: it has answers of no recorded session.
 * XT_E_VERIFY: a session asked for something else than is stored. */
enum xt_status
evidence_replay(struct evidence_replay *out, struct store *s, const char *path,
		bool (*each)(void *ctx, const struct evidence_difference *d), void *ctx,
		const struct xt_sink *sink, struct xt_err *err) XT_CHECKED;

/* ---- seal -------------------------------------------------------------------- */

struct evidence_key {
	struct nem_pubkey public_key;
	uint8_t secret[64]; /* libsodium's form */
};
/* A new key in a new file that its owner alone can read. XT_E_EXISTS: there is one. */
enum xt_status evidence_key_new(struct evidence_key *out, const char *path,
				struct xt_err *err) XT_CHECKED;
/* exposed: others than the owner may read or write the file. */
enum xt_status evidence_key_read(struct evidence_key *out, bool *exposed,
				 const char *path, struct xt_err *err) XT_CHECKED;
void evidence_key_wipe(struct evidence_key *k);
/* Sign the case as it is. `name`: who seals, at most 127 bytes. */
enum xt_status evidence_seal(struct store *s, const struct evidence_key *key,
			     const char *name, int64_t time,
			     struct xt_err *err) XT_CHECKED;

/* ---- multisig accounts ------------------------------------------------------- */

/* Who can sign for a multisig account, as far as the case knows: the last state that its
 * transactions (4097) give if its whole history is here; else what the latest answer to
 * /account/get lists, which nothing signs; else what transactions there are give. */
struct evidence_multisig {
	struct nem_address account;
	struct nem_address *cosignatories; /* ascending; at least one */
	size_t n;
	int64_t *txs; /* rows of the transactions that made it so, in their order */
	size_t n_txs;
	bool reported;  /* by an answer, and no transactions */
	int64_t answer; /* row of the answer */
};
struct evidence_multisigs {
	struct evidence_multisig *v; /* by address */
	size_t n;
};
/* One pass over the rows of transactions, and over the answers about accounts. */
enum xt_status evidence_multisig_accounts(struct evidence_multisigs *out,
					  struct store *s,
					  struct xt_err *err) XT_CHECKED;
void evidence_multisigs_release(struct evidence_multisigs *m);

/* ---- explain ----------------------------------------------------------------- */

/* One line of the explanation of a saved answer. */
struct evidence_line {
	const char *path; /* "data[0].transaction.amount" */
	const char *value;
	const char *meaning;
	bool failed; /* something that does not hold */
};
/* What `p` is by its shape, field by field, with hashes and signatures computed anew.
 * XT_E_DATA: not an answer that a tracer uses. XT_E_VERIFY, at the end: something does
 * not hold. */
enum xt_status evidence_explain(const uint8_t *p, size_t n,
				bool (*each)(void *ctx, const struct evidence_line *l),
				void *ctx, struct xt_err *err) XT_CHECKED;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
