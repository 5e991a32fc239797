/* nis: a NIS1 node as seen over HTTP. Requests, a transport seam, and JSON to nem structs.
 * Decoders are pure functions of bytes: what a live node, a stored answer and a fuzzer feed
 * go the same way. Nothing here is verified yet. Rules: docs/nis1.md section 1. */
#ifndef XEMTRACE_NIS_H
#define XEMTRACE_NIS_H

#include <xemtrace/nem.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* ---- requests ---------------------------------------------------------------- */

#define NIS_PAGE_SIZE 100 /* the largest a node gives */

struct nis_request {
	uint64_t tag;   /* the caller's; comes back with the answer */
	char node[256]; /* base URL without trailing slash, http://host:7890 */
	bool post;
	char path[512]; /* path and query */
	char body[256]; /* JSON, POST only */
	/* For nodes that a stranger named: nothing is sent to a private or local address,
	 * whatever the name resolves to. Not with a proxy, which resolves by itself. */
	bool public_only;
	uint32_t max_body; /* bytes; 0: XT_MAX_BODY */
	uint32_t total_ms; /* 0: the transport's */
};

/* Check and normalise a node URL: http or https, host in lower case, port (7890 by default
 * for http, 443 for https), no path, query or credentials. XT_E_USAGE. */
enum xt_status nis_node_url(char out[256], const char *text,
			    struct xt_err *err) XT_CHECKED;

enum nis_direction { NIS_ALL, NIS_INCOMING, NIS_OUTGOING };

/* Fill in path/body; tag and node stay the caller's. */
void nis_req_node_info(struct nis_request *r);
void nis_req_status(struct nis_request *r);
void nis_req_height(struct nis_request *r);
void nis_req_last_block(struct nis_request *r);
/* Peers by the node's word: those it reaches, those it talks to, all it knows of. */
enum nis_peer_kind { NIS_PEERS_REACHABLE, NIS_PEERS_ACTIVE, NIS_PEERS_ALL };
void nis_req_peers(struct nis_request *r, enum nis_peer_kind kind);
void nis_req_account(struct nis_request *r, const struct nem_address *a);
void nis_req_account_forwarded(struct nis_request *r, const struct nem_pubkey *key);
/* before: meta.id of the last element of the page before, 0 for the newest page. */
void nis_req_transfers(struct nis_request *r, const struct nem_address *a,
		       enum nis_direction dir, uint64_t before);
void nis_req_harvests(struct nis_request *r, const struct nem_address *a,
		      uint64_t before);
void nis_req_block(struct nis_request *r, uint64_t height);
void nis_req_blocks_after(struct nis_request *r, uint64_t height);
/* Percent-encodes both parts. XT_E_LIMIT if too long for a request. */
enum xt_status nis_req_mosaic_definition(struct nis_request *r,
					 const struct nem_mosaic_id *id,
					 struct xt_err *err) XT_CHECKED;
void nis_req_historical(struct nis_request *r, const struct nem_address *a,
			uint64_t start, uint64_t end, uint64_t increment);

/* ---- transport seam ---------------------------------------------------------- */

/* What came back. status: XT_OK when an HTTP answer arrived, whatever its code; else
 * XT_E_NET (unreachable, timeout, cut off) or XT_E_LIMIT (larger than XT_MAX_BODY). */
struct nis_answer {
	uint64_t tag;
	enum xt_status status;
	struct xt_err err;
	int http;      /* HTTP status */
	char url[768]; /* node + path */
	char body_sent[256];
	uint8_t *body;
	size_t len;
	uint64_t elapsed_ms;
};
void nis_answer_release(struct nis_answer *a);
/* Is it none because the time was over? From its words, which are stored. */
bool nis_answer_timed_out(const struct nis_answer *a);

/* Requests go in, answers come out in any order. One thread. */
struct nis_transport {
	/* XT_E_USAGE if r->node is not in nis_node_url()'s form or the path is not plain. */
	enum xt_status (*submit)(void *ctx, const struct nis_request *r,
				 struct xt_err *err);
	/* One finished answer, or *got = false after timeout_ms, and at once when nothing
	 * is in flight. Work goes on only inside of this call. */
	enum xt_status (*wait)(void *ctx, struct nis_answer *out, bool *got,
			       int timeout_ms, struct xt_err *err);
	size_t (*in_flight)(void *ctx);
	void (*free)(void *ctx);
	void *ctx;
};

struct nis_http_options {
	unsigned connections;   /* per node, default 4 */
	unsigned connect_ms;    /* default 5000 */
	unsigned total_ms;      /* default 30000 */
	const char *user_agent; /* default "xemtrace/VERSION" */
	const char
	    *proxy; /* checked by nis_proxy_url(); NULL: none, whatever the environment
			    */
};
/* http, https, socks4, socks4a, socks5 or socks5h with host and port, and perhaps user and
 * password; nothing after it. XT_E_USAGE, without the password. */
enum xt_status nis_proxy_url(const char *text, struct xt_err *err) XT_CHECKED;
/* curl multi with keep-alive. opt may be NULL, a member 0 is its default. Follows no
 * redirects, takes no proxy from the environment, http and https only. Times count from
 * when a request is sent, not from submit(). Free with nis_transport_free(). */
enum xt_status nis_transport_http(struct nis_transport *out,
				  const struct nis_http_options *opt,
				  struct xt_err *err) XT_CHECKED;
/* Answers from `find` instead of a network: find fills in http, body, len (malloc'd) or
 * returns XT_E_NOTFOUND, which becomes an XT_E_NET answer. */
enum xt_status
nis_transport_replay(struct nis_transport *out,
		     enum xt_status (*find)(void *ctx, const struct nis_request *r,
					    struct nis_answer *a, struct xt_err *err),
		     void *ctx, struct xt_err *err) XT_CHECKED;
void nis_transport_free(struct nis_transport *t);

/* Submit and wait for that one answer (for callers with one request at a time; XT_E_USAGE
 * if others are in flight). XT_OK whenever there is an answer: see out->status. */
enum xt_status nis_call(struct nis_transport *t, const struct nis_request *r,
			struct nis_answer *out, struct xt_err *err) XT_CHECKED;

/* What to do with an answer. docs/nis1.md 1.1: 500 is not blindly "retry". */
enum nis_verdict {
	NIS_USE,    /* HTTP 200: decode it */
	NIS_RETRY,  /* overloaded, loading, timeout, cut off: later or elsewhere */
	NIS_ABSENT, /* what was asked for does not exist (block, mosaic, hash) */
	NIS_REFUSED /* wrong request, local-only, or the feature is missing here */
};
/* Unless NIS_USE, err gets the URL and the node's own words (HTTP code, error and message
 * of its body), or that the body is no NIS error (HTML of a proxy). Its code: XT_E_NET for
 * retry (the answer's own status if it has one), XT_E_NOTFOUND for absent, XT_E_USAGE when
 * a node refuses, XT_E_DATA when something else than a node does. */
enum nis_verdict nis_answer_verdict(const struct nis_answer *a, struct xt_err *err);

/* ---- decoders: bytes to structs, errors name the JSON path ------------------- */

/* For all of them: XT_E_DATA names place, value and reason; XT_E_LIMIT for more than
 * XT_MAX_BODY bytes; XT_E_NOMEM. Strict JSON of at most XT_MAX_JSON_DEPTH levels, no key
 * twice, nothing after it; members that are not needed are ignored. Addresses must belong
 * to the network of their transaction. Cost: O(n). */

struct nis_node_info {
	uint32_t features; /* 1 hash lookup, 2 history, 4 expired mosaics */
	enum nem_network network;
	char version[64];
	char
	    name[520]; /* 128 characters, up to 4 bytes each; "" if the node has none */
	char host[520];
	uint32_t port;
	bool has_key;
	struct nem_pubkey key;
};
enum xt_status nis_decode_node_info(struct nis_node_info *out, const uint8_t *p,
				    size_t n, struct xt_err *err) XT_CHECKED;
/* Any of the peer lists; of "all" the active ones. A list is hostile: an entry that is no
 * http or https URL of nis_node_url()'s form is counted and passed over, and each URL comes
 * once. */
#define NIS_MAX_PEERS 10000u /* a node knows some hundred */
struct nis_peers {
	char (*url)[256];
	size_t n;
	size_t bad;  /* passed over */
	size_t more; /* beyond NIS_MAX_PEERS, not looked at */
};
enum xt_status nis_decode_peers(struct nis_peers *out, const uint8_t *p, size_t n,
				struct xt_err *err) XT_CHECKED;
void nis_peers_release(struct nis_peers *l);
/* /status: the code, 6 is synchronized. */
enum xt_status nis_decode_status(uint32_t *code, const uint8_t *p, size_t n,
				 struct xt_err *err) XT_CHECKED;
enum xt_status nis_decode_height(uint64_t *out, const uint8_t *p, size_t n,
				 struct xt_err *err) XT_CHECKED;

struct nis_account {
	struct nem_address address;
	bool has_key;
	struct nem_pubkey key;
	struct nem_amount balance;
	uint64_t harvested_blocks;
	char remote_status[16];
	bool is_multisig;
	uint32_t min_cosignatories; /* 0 means all */
	struct nem_address *cosignatories;
	size_t n_cosignatories;
	struct nem_address *cosignatory_of;
	size_t n_cosignatory_of;
};
void nis_account_release(struct nis_account *a);
enum xt_status nis_decode_account(struct nis_account *out, const uint8_t *p, size_t n,
				  struct xt_err *err) XT_CHECKED;

/* One element of /account/transfers. */
struct nis_tx_entry {
	uint64_t id; /* paging cursor, this node only */
	uint64_t height;
	struct nem_hash hash;
	bool has_inner_hash;
	struct nem_hash inner_hash;
	struct nem_tx tx;
};
struct nis_tx_page {
	struct nis_tx_entry *v;
	size_t n;
};
void nis_tx_page_release(struct nis_tx_page *p);
/* At most NIS_PAGE_SIZE entries, ids must strictly fall; one bad entry fails the page.
 * Errors are like "data[3].transaction.recipient: checksum does not hold". */
enum xt_status nis_decode_transfers(struct nis_tx_page *out, const uint8_t *p, size_t n,
				    struct xt_err *err) XT_CHECKED;

struct nis_harvest {
	uint64_t id, height;
	uint32_t timestamp;
	struct nem_amount fee;
};
struct nis_harvest_page {
	struct nis_harvest *v;
	size_t n;
};
void nis_harvest_page_release(struct nis_harvest_page *p);
/* Heights must strictly fall. */
enum xt_status nis_decode_harvests(struct nis_harvest_page *out, const uint8_t *p,
				   size_t n, struct xt_err *err) XT_CHECKED;

enum xt_status nis_decode_block(struct nem_block *out, const uint8_t *p, size_t n,
				struct xt_err *err) XT_CHECKED;
/* /local/chain/blocks-after: the claimed hash of each block goes to `hashes`, whom its fees
 * went to to `beneficiaries` (empty: nodes before 0.6.102 do not say). Heights must rise
 * by one. */
struct nis_block_list {
	struct nem_block *v;
	struct nem_hash *hashes;
	struct nem_address *beneficiaries;
	size_t n;
};
void nis_block_list_release(struct nis_block_list *l);
enum xt_status nis_decode_blocks_after(struct nis_block_list *out, const uint8_t *p,
				       size_t n, struct xt_err *err) XT_CHECKED;
/* A mosaic definition; release with nem_mosaic_definition_release(). */
enum xt_status nis_decode_mosaic_definition(struct nem_mosaic_definition *out,
					    const uint8_t *p, size_t n,
					    struct xt_err *err) XT_CHECKED;
/* Heights must strictly rise, all of one address. */
struct nis_historical {
	uint64_t height;
	struct nem_address address;
	struct nem_amount balance;
};
enum xt_status nis_decode_historical(struct nis_historical **out, size_t *count,
				     const uint8_t *p, size_t n,
				     struct xt_err *err) XT_CHECKED;
/* One transaction object (no meta), for show --file. */
enum xt_status nis_decode_tx(struct nem_tx *out, const uint8_t *p, size_t n,
			     struct xt_err *err) XT_CHECKED;

/* ---- which nodes there are --------------------------------------------------- */

/* Is the host of this node's URL an address of nobody's own net (private, local,
 * multicast, documentation)? A name is not looked up: false. */
bool nis_url_is_private(const char *url);
/* Of every such kind: is the address one that a stranger may not send us to? An address
 * of neither family is. */
struct sockaddr;
bool nis_sockaddr_is_private(const struct sockaddr *a);

struct nis_survey_options {
	const char *const *nodes; /* in nis_node_url()'s form; asked for their peers */
	size_t n_nodes;
	size_t max_peers;   /* asked at most; 0: none */
	unsigned in_flight; /* nodes asked at once, default 32 */
	uint64_t total_ms;  /* for everything, default 60000 */
	bool private_peers; /* also those at private addresses */
	volatile const int *stop;
};
struct nis_surveyed {
	char url[256];
	bool given;    /* not by a peer list */
	bool answered; /* info, status and height; else `why` */
	struct nis_node_info info;
	uint32_t status; /* 6: synchronized */
	uint64_t height;
	uint64_t latency_ms; /* of the answer about the height */
	struct xt_err why;
};
struct nis_survey {
	struct nis_surveyed *v; /* the given ones first, in their order */
	size_t n;
	uint64_t listed; /* entries of peer lists, those not looked at included */
	uint64_t bad;    /* of them: no URL of a node */
	uint64_t
	    closed;    /* at private addresses, or at ports below 1024 but 80 and 443 */
	uint64_t over; /* beyond max_peers, or too many of one host */
	bool timed_out;
};
#define NIS_SURVEY_PER_HOST 8u

/* Ask the nodes who they are and for their peers, and the peers who they are: three
 * requests each and up to three for lists, one after the other at each node. Answers are
 * bounded to 64 kB, lists to 4 MB. XT_E_STOPPED: *stop was set. What is still in flight in
 * the end stays in the transport. */
enum xt_status nis_survey(struct nis_survey *out, struct nis_transport *t,
			  const struct nis_survey_options *opt,
			  const struct xt_clock *clock, const struct xt_sink *sink,
			  struct xt_err *err) XT_CHECKED;
void nis_survey_release(struct nis_survey *s);

/* ---- a file of nodes ---------------------------------------------------------- */

/* Lines "URL [name]"; "#" at the beginning of a line or after a blank starts a comment. */
#define NIS_FILE_MAX_NODES 64u
#define NIS_FILE_MAX_BYTES (256u << 10)
struct nis_file_node {
	char url[256];
	char name[64]; /* "" if it has none */
};
struct nis_file {
	struct nis_file_node v[NIS_FILE_MAX_NODES];
	size_t n;
};
/* `file` is for errors, which name it, line and value. The same URL twice, or a name
 * twice, is an error. XT_E_DATA. */
enum xt_status nis_file_parse(struct nis_file *out, const char *file,
			      const uint8_t *text, size_t n,
			      struct xt_err *err) XT_CHECKED;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
