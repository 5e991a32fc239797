/* The ledger of fixtures/golden/export/sample.ledger as a graph, with what a text
 * ledger cannot say: hashes, hostile messages, an aggregate, an inferred flow, labels.
 */
#ifndef TESTS_ANALYSE_SAMPLE_H
#define TESTS_ANALYSE_SAMPLE_H

#include <xemtrace/taint.h>

#define VICTIM  "TAXZZHVJG3EQMRUDUZMMEWLTAOKB7AYDOYVRXBSH"
#define THIEF   "TCFNIVTENMMOBEUIIYKSBVU5D4K6P5GT5ESUMJYM"
#define HOP1    "TB4GNMVJHBJJND3YVCRO2RFC3AK6KJZNLQLETWTV"
#define HOP2    "TCL42OS2QD672KT52ZKTUJTXYNXMNPIK5XKXKROV"
#define HOP3    "TBZUJ3QTMWX4BDAUM6KKFFOHFRKIKYSLGXAB5NNZ"
#define CLEAN   "TCTWYFN32VPZXHKW4H3Y7UYTVMNLW3SM4VNR6GWY"
#define ALPHA   "TBPRKMBDMD3MRUTTBM3UCNS56JJJVLEP6IZT6IPP"
#define KOUZA   "TDOLS3WZA6KEOYLEPAI3PNLB656U2IQCEOOR5CWS"
#define HOSTILE "TC6EXJB6ETOYDWBXVCG4VULCXK7ZSLHYQI5DU6G5"

/* What a tester of outputs throws at them; the last is 1,024 bytes of one letter. */
#define N_HOSTILE_MEMOS 8
const char *sample_hostile_memo(size_t i);

/* Reads a whole file; NULL if it is not there. Free the result. */
char *sample_read(const char *path, size_t *n);

struct graph *sample_ledger(const char *text);
struct graph *sample_graph(void);
/* With edges. */
struct taint_result *sample_run(const struct graph *g, const char *policy);

#endif
