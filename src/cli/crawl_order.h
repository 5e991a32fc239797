/* crawl_order: money first, by haircut over the case as it stands. */
#ifndef CLI_CRAWL_ORDER_H
#define CLI_CRAWL_ORDER_H

#include <xemtrace/crawl.h>

extern const struct crawl_order crawl_money_first;

#endif
