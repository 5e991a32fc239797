/* The fixture node: what it serves, how it misbehaves. */
#ifndef XEMTRACE_TESTS_NODE_NODE_H
#define XEMTRACE_TESTS_NODE_NODE_H

#include <jansson.h>
#include <stdio.h>

#include "state.h"

#define NODE_MAX_RULES 32

/* One switch that alters some answers: all, those whose path with its query starts with
 * `prefix`, or of these the k-th. */
struct node_rule {
	char *prefix; /* NULL: all */
	uint64_t k;   /* 0: each */
	uint64_t seen;
	size_t offset; /* flip: byte and bit */
	unsigned bit;
	char *find, *replace; /* edit */
};

/* Another chain from the answer after number `after` on, or once there is a file `flag`. */
struct node_reorg {
	uint64_t after;
	char *flag;
	const char *path;
};

struct node_options {
	const char *name, *version;
	uint64_t id_seed;
	int features;
	uint16_t port;
	const char *port_file;
	uint64_t height; /* 0: the whole chain */
	const char *height_file;
	int network; /* as /node/info tells it; 0: the chain's */
	int status_code;
	const char *peers[NODE_MAX_RULES];
	size_t n_peers;
	bool no_local, no_blocks, content_length;
	FILE *log;
	/* misbehaviour: see the usage text */
	uint64_t exit_after, drop_after;
	const char *kill_file;
	long slow_ms, drip_ms;
	int fail_status;
	uint64_t fail_every;
	unsigned rate;
	bool html, endless, loading, duplicate_page, reverse_page;
	const char *redirect;
	uint64_t truncate, cut, oversize,
	    nest;          /* 0: off; truncate and cut: bytes + 1 */
	const char *only;  /* prefix for the switches that take none of their own */
	uint64_t from, to; /* and the numbers of the requests */
	struct node_rule flips[NODE_MAX_RULES], edits[NODE_MAX_RULES];
	size_t n_flips, n_edits;
	const char *foreign;
	struct nem_hash omit[NODE_MAX_RULES];
	size_t n_omit;
	struct node_reorg reorgs[NODE_MAX_RULES];
	size_t n_reorgs;
};

struct node {
	struct node_options opt;
	struct fx_chain
	    *chains[NODE_MAX_RULES + 1]; /* the first and those after reorgs */
	const struct fx_chain *chain;
	struct fx_state *state;
	struct nem_pubkey key;
};

/* One request as the handlers see it. `arg` gives a query parameter or NULL. */
struct node_request {
	const char *method, *path; /* path without the query */
	const char *content_type;
	const char *body;
	size_t body_len;
	const char *(*arg)(void *ctx, const char *name);
	void *ctx;
};

struct node_reply {
	int status;
	char *body; /* malloc'ed, with the CR LF that NIS sends */
	size_t len;
};

/* Answer as NIS does. */
void node_answer(struct node *n, struct node_reply *out, const struct node_request *r);
/* NIS's error body. message may be NULL. */
void node_error(const struct node *n, struct node_reply *out, int status,
		const char *message);
/* Edits, flips, truncation, HTML...: what can be done to the bytes of an answer. */
void node_spoil(struct node *n, struct node_reply *r, const char *uri, uint64_t number);
/* True if the switches without a prefix of their own apply to this request. */
bool node_applies(const struct node *n, const char *uri, uint64_t number);

/* Fill options from the command line; dies with a message on a wrong one. Returns the
 * index of the first argument that is not an option. */
int node_options_parse(struct node_options *o, int argc, char **argv);

/* Objects, for answers.c (objects.c). */
json_t *node_tx_pair(const struct fx_tx *t);
json_t *node_account_info(const struct node *n, const struct nem_address *address);
json_t *node_account_meta(const struct node *n, const struct nem_address *address);
json_t *node_account_pair(const struct node *n, const struct nem_address *address);
json_t *node_explorer_block(const struct node *n, const struct fx_block *b);
json_t *node_harvest(const struct node *n, uint32_t block);
json_t *node_identity(const struct node *n);
json_t *node_peer(const char *host_port);
json_t *node_historical(const struct node *n, const struct nem_address *address,
			uint64_t height);
uint64_t node_difficulty(uint64_t height);

#endif
