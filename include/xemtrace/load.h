/* load: case file to graph. The only bridge between the store and the pure floors above. */
#ifndef XEMTRACE_LOAD_H
#define XEMTRACE_LOAD_H

#include <xemtrace/graph.h>
#include <xemtrace/store.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

enum load_flag {
	LOAD_REFS = 1 << 0, /* hashes and record references (65 bytes a transaction) */
	LOAD_INDEX = 1 << 1 /* adjacency */
};

/* The whole case: accounts, openings, events in order, memos, labels, seeds, marks, and the
 * digest of what a taint run depends on. Openings of incomplete accounts are assumed
 * (graph_assume_openings); how many and how much is told. Seeds whose transaction is not
 * in the case are XT_E_NOTFOUND with the seed named.
 * Cost: one pass over the ledger table, one over the transactions. Free with graph_free. */
enum xt_status load_graph(struct graph **out, struct store *s, unsigned flags,
			  const struct xt_sink *sink, struct xt_err *err) XT_CHECKED;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
