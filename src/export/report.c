#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "report_page.h"

enum xt_status export_report(FILE *f, const struct export_report *in,
			     struct xt_err *err)
{
	struct ex_report r = { 0 };
	struct xt_buf out;
	enum xt_status rc;

	if (in->n_runs == 0 || in->main_run >= in->n_runs)
		return xt_fail(err, XT_E_USAGE, "a report needs a taint run");
	xt_buf_init(&out, EXPORT_MAX_BYTES);
	rc = ex_report_gather(&r, in, err);
	if (rc == XT_OK)
		rc = xt_buf_add(&out, ex_report_head, ex_report_head_size, err);
	if (rc == XT_OK)
		rc = ex_report_json(&out, &r, err);
	if (rc == XT_OK)
		rc = xt_buf_add(&out, ex_report_tail, ex_report_tail_size, err);
	if (rc == XT_OK)
		rc = ex_write_all(f, &out, err);
	ex_report_release(&r);
	xt_buf_release(&out);
	return rc;
}
