/* label: label files in and out (CSV now, TagPack YAML). */
#ifndef XEMTRACE_LABEL_H
#define XEMTRACE_LABEL_H

#include <xemtrace/store.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct label_report {
	uint64_t imported, unchanged, refused;
};

/* Each file goes into the case in one transaction of its own; the caller has none open.
 *
 * A label is known by account, text, source and file name: imported again it is unchanged,
 * or updated where other particulars differ. White space around values is dropped,
 * categories are lower-cased. The second of two equal labels in one file is refused.
 * confidence is an id of the TagPack scale ("service_data") or a number from 0 to 100;
 * absent it is "unknown". */

/* CSV with a header: address,label,category and optionally source, confidence, actor,
 * concepts, abuse, lastmod, context, network, currency. An address must be of the case's
 * network (the main one as long as nothing was crawled), network and currency must be XEM
 * or NEM. A bad row does not lose the others: each is told to `sink` as a
 * warning with file, line, field, value and reason, and counted. XT_E_DATA only if the file as a
 * whole cannot be read (no header, unknown column, nothing in it). */
enum xt_status label_import_csv(struct label_report *out, struct store *s,
				const char *path, const struct xt_sink *sink,
				struct xt_err *err) XT_CHECKED;
/* TagPack (GraphSense YAML): header values are inherited by the tags. Same rules; a tag
 * needs address, label and source. Without a category the first concept is one. A context
 * that is a mapping or list is kept as one line of JSON. Fields that this program has no use for are told as
 * warnings if the TagPack schema does not know them either. */
enum xt_status label_import_tagpack(struct label_report *out, struct store *s,
				    const char *path, const struct xt_sink *sink,
				    struct xt_err *err) XT_CHECKED;
/* By ending: .csv, .yaml, .yml. */
enum xt_status label_import(struct label_report *out, struct store *s, const char *path,
			    const struct xt_sink *sink, struct xt_err *err) XT_CHECKED;

/* A CSV list of mosaics (mosaic, label, category and optionally confidence; absent it is
 * "heuristic"): every account that a signed transaction of the case sent one of them gets
 * the label, with the earliest such transaction as its source. Anybody can send a mosaic
 * to anybody: it is the sender's word. Who made the mosaic gets none. One pass over the
 * transactions. */
enum xt_status label_import_onchain(struct label_report *out, struct store *s,
				    const char *path, const struct xt_sink *sink,
				    struct xt_err *err) XT_CHECKED;

/* The analyst's own labels (all: every label) as a TagPack that label_import_tagpack()
 * reads back with the same particulars (a label without a source gets the source
 * "unknown", since a TagPack needs one). XT_E_NOTFOUND if there is none. What was written to f then is no TagPack. */
enum xt_status label_export(uint64_t *n, struct store *s, FILE *f, bool all,
			    struct xt_err *err) XT_CHECKED;

/* Level and id of a confidence as people give it: an id of the TagPack scale, or a number
 * from 0 to 100 (then the name is ""). False: neither. */
bool label_confidence_of(uint32_t *level, char name[48], const char *text);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
