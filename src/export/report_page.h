/* The page around the data: report/dist/, made into arrays by the build. */
#ifndef XT_EXPORT_REPORT_PAGE_H
#define XT_EXPORT_REPORT_PAGE_H

#include <stddef.h>

extern const unsigned char ex_report_head[], ex_report_tail[];
extern const size_t ex_report_head_size, ex_report_tail_size;

#endif
