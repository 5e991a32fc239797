/* groups: wallets of one owner as one party, for commands that fold them. */
#ifndef CLI_GROUPS_H
#define CLI_GROUPS_H

#include "multisigs.h"
#include "session.h"

/* For commands that can show groups as one party. */
#define FOLD_OPTION                                                                    \
	{                                                                              \
		"fold", 0, "GROUNDS",                                                  \
		    "show wallets of one owner as one party, by these grounds joined " \
		    "by commas: given (`xemtrace group add`), actor (of labels), "     \
		    "cosignatories, sweep; or all",                                    \
		    false                                                              \
	}

/* "given,actor", "all" to bits 1 << enum analyse_ground. what: names the option. */
enum xt_status groups_parse(unsigned *grounds, const char *what, const char *text,
			    struct xt_err *err) XT_CHECKED;
/* The groups of the case by these grounds. known: its multisig accounts, for who has found
 * them before; NULL: found here. Sweeps need the adjacency, which is made if
 * it is not there. Warns of ties that names contradict. */
enum xt_status groups_find(struct cli *c, const struct session *s, unsigned grounds,
			   const struct multisigs *known, struct analyse_groups *out,
			   struct xt_err *err) XT_CHECKED;
/* What --fold asks for; *folded false and nothing in *out if it is not given. */
enum xt_status groups_from_args(struct cli *c, const struct session *s,
				struct analyse_groups *out, bool *folded,
				struct xt_err *err) XT_CHECKED;
/* Warns of what folding left out of the figures; nothing: says nothing. */
void groups_warn_inside(struct cli *c, const struct analyse_inside *inside);

#endif
