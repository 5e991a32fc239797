/* limits: every maximum of the project, with its reason. What comes from a network or a
 * file is bounded by one of these before memory is taken for it. */
#ifndef XEMTRACE_LIMITS_H
#define XEMTRACE_LIMITS_H

/* ---- answers ----------------------------------------------------------------- */

/* One answer of a node, in bytes. The largest answer that a trace needs is the nemesis
 * block (0.7 MB of JSON); a page of 100 full multisig transactions is below 2 MB. */
#define XT_MAX_BODY (8U << 20)
/* Nesting of a JSON answer. The deepest real one (a page with a mosaic definition's
 * levy inside a multisig transaction) has 9 levels. */
#define XT_MAX_JSON_DEPTH 32U
/* Rows of one page: what a node gives at most. */
#define XT_MAX_PAGE 100U
/* A node cuts the strings of its error answers at 128 characters. */
#define XT_MAX_NODE_TEXT 512U

/* ---- transactions ------------------------------------------------------------ */

/* Message payload in bytes: the network's own maximum since height 1,025,000. */
#define XT_MAX_MESSAGE 1024U
/* Entries of a transfer's mosaic list: the network allows ten and nem:xem besides. The
 * rest is room for lists that name an id twice. */
#define XT_MAX_MOSAICS 16U
/* Cosignatures of one multisig transaction: an account has at most 32 cosignatories. */
#define XT_MAX_COSIGNATURES 32U
/* Modifications in one aggregate modification: 32 added, a few deleted. */
#define XT_MAX_MODIFICATIONS 64U
/* Properties of a mosaic definition: the network writes four. */
#define XT_MAX_PROPERTIES 16U
/* Full namespace name in bytes: 16 + 1 + 64 + 1 + 64 characters on the network. */
#define XT_MAX_NAMESPACE 256U
/* Mosaic name in bytes: 32 characters on the network. */
#define XT_MAX_MOSAIC_NAME 128U
/* Mosaic description in bytes: 512 characters, up to 4 bytes each. */
#define XT_MAX_DESCRIPTION 2048U
/* Name or value of a mosaic property in bytes: the longest real one has 19. */
#define XT_MAX_PROPERTY 128U
/* One transaction in its signed binary form. 32 cosignatures take 7 kB, the largest
 * body (16 mosaics with the longest names) the same again. */
#define XT_MAX_TX_BYTES (64U << 10)

/* ---- blocks ------------------------------------------------------------------ */

/* Transactions in a block: 120 by the network's rule, 1,353 in the nemesis block. */
#define XT_MAX_BLOCK_TXS 4096U
/* One block in binary: never larger than the JSON that brought it. */
#define XT_MAX_BLOCK_BYTES XT_MAX_BODY

/* ---- text -------------------------------------------------------------------- */

/* One formatted line for the log or the progress sink. */
#define XT_MAX_LINE 1024U

#endif
