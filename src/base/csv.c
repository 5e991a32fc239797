#include <xemtrace/csv.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The text is taken apart in place, in a second copy: fields end with a NUL where a
 * comma, a quote or a line end was. */
struct csv {
	uint8_t *raw;
	size_t n_raw;
	char *text;
	size_t columns;
	char **field; /* header first, then row by row */
	size_t n_fields, cap_fields;
	struct row {
		uint64_t line;
		size_t width;
	} * row; /* header first */
	size_t n_rows, cap_rows;
};

/* Where the reader stands. `out` never passes `p`. */
struct reader {
	struct csv *c;
	const char *name;
	char *p, *end, *out;
	uint64_t line;
	bool loose; /* rows may have another number of fields than the header */
};

void csv_free(struct csv *c)
{
	if (!c)
		return;
	free(c->raw);
	free(c->text);
	free(c->field);
	free(c->row);
	free(c);
}

static enum xt_status add_field(struct reader *r, char *start, size_t in_row,
				struct xt_err *err)
{
	struct csv *c = r->c;
	if (in_row >= XT_CSV_MAX_FIELDS)
		return xt_fail(err, XT_E_LIMIT, "%s:%llu: more than %u fields", r->name,
			       (unsigned long long)r->line, XT_CSV_MAX_FIELDS);
	if (c->n_fields == c->cap_fields) {
		const size_t cap = c->cap_fields ? 2 * c->cap_fields : 64;
		char **v = xt_reallocarray(c->field, cap, sizeof(*v));
		if (!v)
			return xt_fail(err, XT_E_NOMEM, "%s: out of memory", r->name);
		c->field = v;
		c->cap_fields = cap;
	}
	c->field[c->n_fields++] = start;
	return XT_OK;
}

static enum xt_status add_row(struct reader *r, uint64_t line, size_t width,
			      struct xt_err *err)
{
	struct csv *c = r->c;
	if (c->n_rows == c->cap_rows) {
		const size_t cap = c->cap_rows ? 2 * c->cap_rows : 64;
		struct row *v = xt_reallocarray(c->row, cap, sizeof(*v));
		if (!v)
			return xt_fail(err, XT_E_NOMEM, "%s: out of memory", r->name);
		c->row = v;
		c->cap_rows = cap;
	}
	c->row[c->n_rows++] = (struct row){ line, width };
	return XT_OK;
}

/* The inside of a quoted field; afterwards `p` stands behind the closing quote. */
static enum xt_status quoted(struct reader *r, struct xt_err *err)
{
	const uint64_t begin = r->line;
	r->p++;
	for (;;) {
		if (r->p == r->end)
			return xt_fail(err, XT_E_DATA, "%s:%llu: a quote is not closed",
				       r->name, (unsigned long long)begin);
		if (*r->p == '"') {
			r->p++;
			if (r->p == r->end || *r->p != '"')
				break;
		} else if (*r->p == '\n') {
			r->line++;
		}
		*r->out++ = *r->p++;
	}
	if (r->p != r->end && *r->p != ',' && *r->p != '\n' && *r->p != '\r')
		return xt_fail(err, XT_E_DATA, "%s:%llu: text after a closing quote",
			       r->name, (unsigned long long)r->line);
	return XT_OK;
}

static enum xt_status plain(struct reader *r, struct xt_err *err)
{
	while (r->p != r->end && *r->p != ',' && *r->p != '\n' && *r->p != '\r') {
		if (*r->p == '"')
			return xt_fail(err, XT_E_DATA,
				       "%s:%llu: a quote inside a field without quotes",
				       r->name, (unsigned long long)r->line);
		*r->out++ = *r->p++;
	}
	return XT_OK;
}

/* Behind a field: whether the row goes on. */
static enum xt_status behind(struct reader *r, bool *more, struct xt_err *err)
{
	*more = false;
	if (r->p == r->end)
		return XT_OK;
	if (*r->p == ',') {
		r->p++;
		*more = true;
		return XT_OK;
	}
	if (*r->p == '\r') {
		r->p++;
		if (r->p != r->end && *r->p != '\n')
			return xt_fail(err, XT_E_DATA,
				       "%s:%llu: carriage return inside a line",
				       r->name, (unsigned long long)r->line);
	}
	if (r->p != r->end) {
		r->p++;
		r->line++;
	}
	return XT_OK;
}

static enum xt_status read_row(struct reader *r, size_t *n, struct xt_err *err)
{
	bool more = true;
	*n = 0;
	while (more) {
		char *start = r->out;
		enum xt_status rc = add_field(r, start, *n, err);
		if (rc == XT_OK)
			rc = r->p != r->end && *r->p == '"' ? quoted(r, err)
							    : plain(r, err);
		if (rc != XT_OK)
			return rc;
		/* The byte that ends the field is read before the NUL may stand on it.
		 */
		char *const stop = r->out;
		rc = behind(r, &more, err);
		if (rc != XT_OK)
			return rc;
		*stop = '\0';
		r->out = stop + 1;
		(*n)++;
	}
	return XT_OK;
}

static bool blank_line(struct reader *r)
{
	char *p = r->p;
	if (p != r->end && *p == '\r')
		p++;
	if (p != r->end && *p != '\n')
		return false;
	r->line++;
	r->p = p == r->end ? p : p + 1;
	r->out = r->p;
	return true;
}

static enum xt_status check_header(struct csv *c, const char *name, struct xt_err *err)
{
	for (size_t i = 0; i < c->columns; i++) {
		char *h = c->field[i];
		while (*h == ' ' || *h == '\t')
			h++;
		size_t n = strlen(h);
		while (n && (h[n - 1] == ' ' || h[n - 1] == '\t'))
			h[--n] = '\0';
		c->field[i] = h;
		if (n == 0)
			return xt_fail(err, XT_E_DATA, "%s:1: column %zu has no name",
				       name, i + 1);
		for (size_t k = 0; k < i; k++)
			if (strcmp(c->field[k], h) == 0)
				return xt_fail(err, XT_E_DATA,
					       "%s:1: column \"%s\" stands there twice",
					       name, h);
	}
	return XT_OK;
}

/* A row of n fields gets as many as the header has. */
static enum xt_status fit_row(struct reader *r, size_t n, uint64_t line,
			      struct xt_err *err)
{
	static char none[1];
	struct csv *c = r->c;
	enum xt_status rc = XT_OK;
	if (!r->loose && n != c->columns)
		return xt_fail(err, XT_E_DATA,
			       "%s:%llu: %zu fields, the header has %zu", r->name,
			       (unsigned long long)line, n, c->columns);
	for (size_t i = n; i < c->columns && rc == XT_OK; i++)
		rc = add_field(r, none, i, err);
	if (n > c->columns)
		c->n_fields -= n - c->columns;
	return rc;
}

static enum xt_status read_rows(struct reader *r, struct xt_err *err)
{
	struct csv *c = r->c;
	while (r->p != r->end) {
		size_t n;
		const uint64_t line = r->line;
		if (c->n_rows && blank_line(r))
			continue;
		enum xt_status rc = read_row(r, &n, err);
		if (rc == XT_OK && c->n_rows == 0) {
			c->columns = n;
			rc = check_header(c, r->name, err);
		} else if (rc == XT_OK) {
			rc = fit_row(r, n, line, err);
		}
		if (rc == XT_OK)
			rc = add_row(r, line, n, err);
		if (rc != XT_OK)
			return rc;
	}
	if (c->n_rows == 0)
		return xt_fail(err, XT_E_DATA, "%s: empty: no header line", r->name);
	return XT_OK;
}

static enum xt_status check_bytes(const char *name, const uint8_t *p, size_t n,
				  struct xt_err *err)
{
	const uint8_t *nul = n ? memchr(p, 0, n) : NULL;
	uint64_t line = 1;
	if (n > XT_CSV_MAX_BYTES)
		return xt_fail(err, XT_E_LIMIT, "%s: larger than %u bytes", name,
			       XT_CSV_MAX_BYTES);
	if (!nul)
		return XT_OK;
	for (const uint8_t *q = p; q < nul; q++)
		line += *q == '\n';
	return xt_fail(err, XT_E_DATA, "%s:%llu: NUL byte: not a text file", name,
		       (unsigned long long)line);
}

/* Takes `raw` in every case. */
static enum xt_status parse_take(struct csv **out, const char *name, uint8_t *raw,
				 size_t n, bool loose, struct xt_err *err)
{
	assert(raw != NULL);
	enum xt_status rc = check_bytes(name, raw, n, err);
	struct csv *c = rc == XT_OK ? xt_calloc(1, sizeof(*c)) : NULL;
	if (!c) {
		free(raw);
		return rc != XT_OK
			   ? rc
			   : xt_fail(err, XT_E_NOMEM, "%s: out of memory", name);
	}
	c->raw = raw;
	c->n_raw = n;
	c->text = xt_calloc(n + 1, 1);
	if (!c->text) {
		csv_free(c);
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", name);
	}
	memcpy(c->text, raw, n);
	const size_t bom = n >= 3 && memcmp(raw, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	struct reader r = { .c = c, .name = name, .line = 1, .loose = loose };
	r.p = r.out = c->text + bom;
	r.end = c->text + n;
	rc = read_rows(&r, err);
	if (rc != XT_OK) {
		csv_free(c);
		return rc;
	}
	*out = c;
	return XT_OK;
}

enum xt_status csv_parse(struct csv **out, const char *name, const uint8_t *p, size_t n,
			 struct xt_err *err)
{
	uint8_t *raw = xt_calloc(n, 1);
	if (!raw)
		return xt_fail(err, XT_E_NOMEM, "%s: out of memory", name);
	if (n)
		memcpy(raw, p, n);
	return parse_take(out, name, raw, n, false, err);
}

static enum xt_status slurp(uint8_t **out, size_t *n, FILE *f, const char *path,
			    struct xt_err *err)
{
	uint8_t *p = NULL;
	size_t len = 0, cap = 0;
	for (;;) {
		if (len == cap) {
			cap = cap ? 2 * cap : 1U << 16;
			uint8_t *more = xt_reallocarray(p, cap, 1);
			if (!more) {
				free(p);
				return xt_fail(err, XT_E_NOMEM, "%s: out of memory",
					       path);
			}
			p = more;
		}
		const size_t got = fread(p + len, 1, cap - len, f);
		len += got;
		if (got == 0 || len > XT_CSV_MAX_BYTES)
			break;
	}
	if (ferror(f)) {
		free(p);
		return xt_fail(err, XT_E_IO, "%s: %s", path, strerror(errno));
	}
	*out = p;
	*n = len;
	return XT_OK;
}

static enum xt_status read_file(struct csv **out, const char *path, bool loose,
				struct xt_err *err)
{
	struct stat st;
	uint8_t *raw = NULL;
	size_t n = 0;
	FILE *f = fopen(path, "rb");
	if (!f)
		return xt_fail(err, errno == ENOENT ? XT_E_NOTFOUND : XT_E_IO, "%s: %s",
			       path, strerror(errno));
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		(void)fclose(f);
		return xt_fail(err, XT_E_DATA, "%s: a folder, not a file", path);
	}
	const enum xt_status rc = slurp(&raw, &n, f, path, err);
	(void)fclose(f);
	return rc == XT_OK ? parse_take(out, path, raw, n, loose, err) : rc;
}

enum xt_status csv_read_file(struct csv **out, const char *path, struct xt_err *err)
{
	return read_file(out, path, false, err);
}

enum xt_status csv_read_loose(struct csv **out, const char *path, struct xt_err *err)
{
	return read_file(out, path, true, err);
}

const uint8_t *csv_bytes(const struct csv *c, size_t *n)
{
	*n = c->n_raw;
	return c->raw;
}

size_t csv_rows(const struct csv *c)
{
	return c->n_rows - 1;
}

uint64_t csv_line(const struct csv *c, size_t r)
{
	return c->row[r + 1].line;
}

size_t csv_width(const struct csv *c, size_t r)
{
	return c->row[r + 1].width;
}

int csv_column(const struct csv *c, const char *name)
{
	for (size_t i = 0; i < c->columns; i++)
		if (strcmp(c->field[i], name) == 0)
			return (int)i;
	return -1;
}

size_t csv_columns(const struct csv *c)
{
	return c->columns;
}

const char *csv_header(const struct csv *c, size_t column)
{
	return c->field[column];
}

const char *csv_field(const struct csv *c, size_t r, int column)
{
	if (column < 0)
		return "";
	return c->field[(r + 1) * c->columns + (size_t)column];
}
