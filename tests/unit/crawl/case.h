/* A case in a file of its own, for one test. */
#ifndef XEMTRACE_TESTS_CRAWL_CASE_H
#define XEMTRACE_TESTS_CRAWL_CASE_H

#include "fake.h"

struct test_case {
	char folder[200], path[216];
	struct store *s;
	struct crawl_options opt;
	struct crawl_report rep;
	struct xt_err err;
	struct nem_address seeds[4];
	const char *nodes[4];
};

/* Options as by default, without limit of rate, with these nodes. */
void case_open(struct test_case *k, const struct fake_net *net);
void case_close(struct test_case *k);
void case_seed(struct test_case *k, const char *name_or_address);
/* Tells on stderr if XEMTRACE_TEST_LOG is set. */
const struct xt_sink *case_sink(void);
enum xt_status case_crawl(struct test_case *k, struct fake_net *net);
struct store_account case_account(struct test_case *k, const char *address);
/* Everything in the case but answers, times of ours and their links, as text. To free.
 */
char *case_dump(const struct test_case *k);
int64_t case_number(const struct test_case *k, const char *sql);
/* Label an account as an exchange. */
void case_label(struct test_case *k, const char *name, const char *label);

#endif
