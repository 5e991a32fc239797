/* What nodes say of one block, or of the height of their chain. */
#ifndef XT_CRAWL_POLL_H
#define XT_CRAWL_POLL_H

#include "internal.h"

enum vote_kind { VOTE_NONE, VOTE_ABSENT, VOTE_BLOCK };

struct vote {
	enum vote_kind kind;
	struct nem_checked_block block;
	int64_t answer;
};

/* One block, or the height of the chain (height 0), of all nodes or of one. */
struct poll {
	uint64_t height;
	size_t next, last; /* nodes */
	struct vote *votes;
};

struct count {
	size_t same, other; /* nodes */
	size_t first_other; /* a node of these */
	int64_t answer;     /* of it, or of one that agrees */
};

/* Ask `node`, or all of them (SIZE_MAX), for the block at `height`; 0: for their heights.
 * crawl_poll_release() also after an error. */
enum xt_status crawl_poll(struct crawl *c, struct poll *p, uint64_t height, size_t node,
			  struct xt_err *err) XT_CHECKED;
void crawl_poll_release(struct poll *p);

bool crawl_votes_for(const struct vote *v, const struct nem_hash *h);
/* Who has the block with this hash? That a node has none counts against it if the node
 * had it before: in this run (`had` NULL), or that with this URL. */
struct count crawl_votes_count(const struct crawl *c, const struct poll *p,
			       const struct nem_hash *h, const char *had);
/* The block that most nodes have; of two that as many have, the case's, then the first.
 * SIZE_MAX: none has any. */
size_t crawl_votes_winner(const struct crawl *c, const struct poll *p,
			  const struct nem_hash *ours, bool has_ours);
/* Give up nodes that have another block there (`with` false) or this one. */
enum xt_status crawl_drop_fork(struct crawl *c, const struct poll *p,
			       const struct nem_hash *h, bool with,
			       struct xt_err *err) XT_CHECKED;
/* What all nodes have that did not fall behind. */
uint64_t crawl_lowest(const struct crawl *c);

#endif
