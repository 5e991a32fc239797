/* What the modules with endpoints share (answers*.c). */
#ifndef XEMTRACE_TESTS_NODE_ANSWERS_H
#define XEMTRACE_TESTS_NODE_ANSWERS_H

#include "node.h"
#include "util.h"

/* What a handler gives back: an answer, or the status and message of an error. */
struct answers_result {
	json_t *json;
	int status; /* 200 with json, else an error */
	char message[200];
};

/* Fill a result: with an object, with {"data":array} (both taken), or with an error. */
void answers_json(struct answers_result *out, json_t *json);
void answers_data(struct answers_result *out, json_t *array);
void answers_refuse(struct answers_result *out, int status, const char *fmt, ...)
    FX_PRINTF(3, 4);
/* Set a key; takes the value. */
void answers_put(json_t *o, const char *key, json_t *value);
/* Parameters. False: the result holds the error that NIS gives. */
bool answers_arg_address(struct node *n, struct nem_address *out,
			 struct answers_result *res, const struct node_request *r);
bool answers_arg_key(struct node *n, struct nem_address *out,
		     struct answers_result *res, const struct node_request *r);
bool answers_arg_number(int64_t *out, struct answers_result *res,
			const struct node_request *r, const char *name, int64_t missing,
			int64_t max);
bool answers_arg_page_size(size_t *out, struct answers_result *res,
			   const struct node_request *r);
bool answers_body_height(uint64_t *out, struct answers_result *res,
			 const struct node_request *r);
bool answers_hash_lookup(const struct node *n, struct answers_result *out);
/* The block that is served at a height, NULL above the tip. */
const struct fx_block *answers_served_block(const struct node *n, uint64_t height);
/* Named by --omit. */
bool answers_omitted(const struct node *n, const struct nem_hash *hash);

/* Endpoints (answers_account.c). */
void answers_on_account(struct node *n, struct answers_result *out,
			const struct node_request *r);
void answers_on_account_key(struct node *n, struct answers_result *out,
			    const struct node_request *r);
void answers_on_account_status(struct node *n, struct answers_result *out,
			       const struct node_request *r);
void answers_on_all(struct node *n, struct answers_result *out,
		    const struct node_request *r);
void answers_on_batch(struct node *n, struct answers_result *out,
		      const struct node_request *r);
void answers_on_forwarded(struct node *n, struct answers_result *out,
			  const struct node_request *r);
void answers_on_forwarded_key(struct node *n, struct answers_result *out,
			      const struct node_request *r);
void answers_on_harvests(struct node *n, struct answers_result *out,
			 const struct node_request *r);
void answers_on_historical(struct node *n, struct answers_result *out,
			   const struct node_request *r);
void answers_on_incoming(struct node *n, struct answers_result *out,
			 const struct node_request *r);
void answers_on_outgoing(struct node *n, struct answers_result *out,
			 const struct node_request *r);
void answers_on_unconfirmed(struct node *n, struct answers_result *out,
			    const struct node_request *r);

#endif
