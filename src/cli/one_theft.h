/* one_theft: the same graph and result with the money of one theft only. */
#ifndef CLI_ONE_THEFT_H
#define CLI_ONE_THEFT_H

#include <xemtrace/taint.h>

/* Views that borrow everything but their own arrays. */
struct one_theft {
	struct graph g;
	struct taint_result r;
};
/* XT_E_NOTFOUND if no theft has this name. */
enum xt_status one_theft_view(struct one_theft *out, const struct graph *g,
			      const struct taint_result *r, const char *name,
			      struct xt_err *err) XT_CHECKED;
void one_theft_release(struct one_theft *v);

#endif
