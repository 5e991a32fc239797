/* multisigs: who can sign for the multisig accounts of a case, as the graph has them. */
#ifndef CLI_MULTISIGS_H
#define CLI_MULTISIGS_H

#include "session.h"

#include <xemtrace/analyse.h>

struct multisigs {
	struct analyse_multisig *v; /* by address; what they point to is ours */
	size_t n;
};
/* All of the case that the graph has. */
enum xt_status multisigs_find(struct cli *c, const struct graph *g,
			      struct multisigs *out, struct xt_err *err) XT_CHECKED;
void multisigs_release(struct multisigs *m);

#endif
