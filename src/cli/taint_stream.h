/* taint_stream: the movements of a run on their way from the thread that replays to the
 * one that stores, as the texts that are stored. A few wait at a time: memory does not
 * grow with the case. */
#ifndef CLI_TAINT_STREAM_H
#define CLI_TAINT_STREAM_H

#include <xemtrace/taint.h>

struct taint_stream;

enum xt_status taint_stream_new(struct taint_stream **out, const struct graph *g,
				struct xt_err *err) XT_CHECKED;
void taint_stream_free(struct taint_stream *t);

/* The replaying thread: taint_options.edges_to; waits for room. False once the other
 * side stopped. */
bool taint_stream_put(void *ctx, uint32_t batch, const struct taint_edge *v, size_t n);
/* No more will come. */
void taint_stream_end(struct taint_stream *t);

/* The storing thread: the next text, which stands until the next call; waits for it.
 * False: there is none left. */
bool taint_stream_get(struct taint_stream *t, uint32_t *batch, const char **text,
		      size_t *n);
/* None will be taken any more. */
void taint_stream_stop(struct taint_stream *t);
#endif
