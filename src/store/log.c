#include "internal.h"

#include <string.h>

enum xt_status store_each_log(struct store *s,
			      bool (*each)(void *ctx, const struct store_log_row *l),
			      void *ctx, struct xt_err *err)
{
	struct stmt q;
	bool row;
	enum xt_status rc =
	    db_prepare(&q, s, "SELECT id, time, what, text FROM log ORDER BY id", err);
	if (rc != XT_OK)
		return rc;
	while ((rc = db_step(&q, &row, err)) == XT_OK && row) {
		struct store_log_row l = { .id = db_col(&q, 0), .time = db_col(&q, 1) };
		db_col_text(&q, 2, l.what, sizeof(l.what));
		db_col_text(&q, 3, l.text, sizeof(l.text));
		rc = db_row_ok(&q, "log", l.id, err);
		if (rc == XT_OK && !each(ctx, &l))
			rc = xt_fail(err, XT_E_STOPPED, "%s: stopped", s->path);
		if (rc != XT_OK)
			break;
	}
	db_end(&q);
	return rc;
}
