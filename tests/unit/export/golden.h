/* Comparing output with a file under fixtures/golden/export/. With XT_GOLDEN_UPDATE set
 * the file is written instead: look at the difference before it is committed. */
#ifndef TESTS_EXPORT_GOLDEN_H
#define TESTS_EXPORT_GOLDEN_H

#include <xemtrace/export.h>

#include <stddef.h>
#include <stdio.h>

void golden_check(const char *name, const char *text, size_t n);

/* A FILE in memory: write, then golden_text() closes it and gives the bytes (free
 * them). */
struct golden_file {
	FILE *f;
	char *text;
	size_t n;
};
void golden_open(struct golden_file *g);
void golden_close(struct golden_file *g);

/* The flow graph as one document: its table "edges" as CSV, or JSON. */
void golden_flow(const char *name, enum export_format format, const struct graph *g,
		 const struct analyse_flow *flow, const struct export_flow_info *info);

#endif
