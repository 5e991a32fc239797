/* args: typed values from the command line. Errors name the option and the value. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "cmd.h"

/* A moment as people write it: a time or a block height. */
struct when {
	bool given, is_height;
	uint64_t height;
	int64_t time; /* unix */
};
/* `text`: "2018-01-26", "2018-01-26T00:02[:13][+09:00|Z]" or a block height. A time
 * without a zone is in --tz. `end`: a date alone means the last second of that day. */
enum xt_status args_when(const struct cli *c, struct when *out, const char *what,
			 const char *text, bool end, struct xt_err *err) XT_CHECKED;
/* Option by name; not given is fine. */
enum xt_status args_when_opt(const struct cli *c, struct when *out, const char *name,
			     bool end, struct xt_err *err) XT_CHECKED;
enum xt_status args_address(struct nem_address *out, const char *what, const char *text,
			    struct xt_err *err) XT_CHECKED;
enum xt_status args_party(struct nem_party *out, const char *what, const char *text,
			  struct xt_err *err) XT_CHECKED;
/* XEM with up to six decimals; `def` if the option is not given. */
enum xt_status args_amount_opt(const struct cli *c, uint64_t *uxem, const char *name,
			       uint64_t def, struct xt_err *err) XT_CHECKED;
/* A local time of --tz (or UTC) as "2018-01-26 00:02:13" with the zone's offset. */
char *args_time_text(char out[40], int64_t unix_time);

#endif
