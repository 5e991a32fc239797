#include "internal.h"

#include <string.h>

#include <xemtrace/limits.h>

const char *const import_column[COLUMNS] = {
	[COL_HEIGHT] = "height",
	[COL_INDEX] = "index",
	[COL_TIME] = "time",
	[COL_SENDER] = "sender",
	[COL_RECIPIENT] = "recipient",
	[COL_AMOUNT_XEM] = "amount_xem",
	[COL_AMOUNT_UXEM] = "amount_uxem",
	[COL_FEE_UXEM] = "fee_uxem",
	[COL_MESSAGE] = "message",
	[COL_HASH] = "hash",
	[COL_KIND] = "kind",
	[COL_COUNT] = "count",
	[COL_FIRST] = "first",
	[COL_LAST] = "last",
	[COL_PROVENANCE] = "provenance",
	[COL_NOTE] = "note",
};

enum xt_status import_columns(struct import *in, struct xt_err *err)
{
	for (size_t k = 0; k < COLUMNS; k++)
		in->at[k] = csv_column(in->csv, import_column[k]);
	for (size_t i = 0; i < csv_columns(in->csv); i++) {
		bool known = false;
		for (size_t k = 0; k < COLUMNS; k++)
			known |= in->at[k] == (int)i;
		if (!known)
			return xt_fail(err, XT_E_DATA, "%s:1: unknown column \"%s\"",
				       in->path, csv_header(in->csv, i));
	}
	if (in->at[COL_RECIPIENT] < 0)
		return xt_fail(err, XT_E_DATA,
			       "%s:1: the column \"recipient\" is missing", in->path);
	if (in->at[COL_AMOUNT_XEM] < 0 && in->at[COL_AMOUNT_UXEM] < 0)
		return xt_fail(
		    err, XT_E_DATA,
		    "%s:1: the column \"amount_xem\" or \"amount_uxem\" is missing",
		    in->path);
	return XT_OK;
}

/* A row being read. */
struct cells {
	const struct import *in;
	size_t r;
	struct xt_err *err;
};

static const char *cell(const struct cells *c, enum column k)
{
	return csv_field(c->in->csv, c->r, c->in->at[k]);
}

static bool filled(const struct cells *c, enum column k)
{
	return cell(c, k)[0] != '\0';
}

static enum xt_status refuse(const struct cells *c, enum column k, const char *why)
{
	return xt_fail(c->err, XT_E_DATA, "%s:%llu: %s: '%.60s': %s", c->in->path,
		       (unsigned long long)csv_line(c->in->csv, c->r), import_column[k],
		       cell(c, k), why);
}

/* Put the place in front of what a parser said. */
static enum xt_status at(const struct cells *c, enum column k, enum xt_status rc)
{
	if (rc == XT_OK || !c->err)
		return rc;
	return xt_where(c->err, "%s:%llu: %s", c->in->path,
			(unsigned long long)csv_line(c->in->csv, c->r),
			import_column[k]);
}

static enum xt_status get_u64(const struct cells *c, enum column k, uint64_t *out,
			      bool *has, uint64_t max)
{
	*has = filled(c, k);
	if (!*has)
		return XT_OK;
	return at(c, k, xt_parse_u64(out, cell(c, k), max, c->err));
}

static enum xt_status get_time(const struct cells *c, enum column k, int64_t *out,
			       bool *has)
{
	uint32_t nem;
	*has = filled(c, k);
	if (!*has)
		return XT_OK;
	const enum xt_status rc = at(c, k, nem_time_parse(out, cell(c, k), c->err));
	/* The network's time stamps have 31 bits. */
	if (rc == XT_OK && (!nem_time_from_unix(&nem, *out) || nem > INT32_MAX))
		return refuse(c, k,
			      "not a time of this chain, which began on 2015-03-29");
	return rc;
}

static enum xt_status get_kind(const struct cells *c, struct import_row *row)
{
	const char *v = cell(c, COL_KIND);
	row->rec.kind = NEM_MOVE_TRANSFER;
	row->aggregate = strcmp(v, "aggregate") == 0;
	if (strcmp(v, "opening") == 0)
		row->rec.kind = NEM_MOVE_OPENING;
	else if (!row->aggregate && v[0] != '\0' && strcmp(v, "transfer") != 0)
		return refuse(c, COL_KIND, "none of transfer, opening, aggregate");
	return XT_OK;
}

static enum xt_status get_provenance(const struct cells *c, struct import_row *row)
{
	const char *v = cell(c, COL_PROVENANCE);
	if (v[0] == '\0')
		row->rec.provenance = row->aggregate ? NEM_AGGREGATE : NEM_PUBLISHED;
	else if (strcmp(v, "published") == 0)
		row->rec.provenance = NEM_PUBLISHED;
	else if (strcmp(v, "aggregate") == 0)
		row->rec.provenance = NEM_AGGREGATE;
	else if (strcmp(v, "inferred") == 0)
		row->rec.provenance = NEM_INFERRED;
	else
		return refuse(c, COL_PROVENANCE,
			      "none of published, aggregate, inferred");
	return XT_OK;
}

static enum xt_status get_amount(const struct cells *c, struct import_row *row)
{
	struct store_record *r = &row->rec;
	const bool xem = filled(c, COL_AMOUNT_XEM), uxem = filled(c, COL_AMOUNT_UXEM);
	const enum column k =
	    xem || c->in->at[COL_AMOUNT_UXEM] < 0 ? COL_AMOUNT_XEM : COL_AMOUNT_UXEM;
	bool has;
	enum xt_status rc;
	if (xem && uxem)
		return refuse(c, COL_AMOUNT_UXEM, "amount_xem is filled as well");
	if (!xem && !uxem)
		return refuse(c, k, "no amount");
	rc = xem ? at(c, k, nem_amount_parse_xem(&r->amount, cell(c, k), c->err))
		 : get_u64(c, k, &r->amount.uxem, &has, INT64_MAX);
	if (rc == XT_OK && r->amount.uxem > STORE_MAX_RECORD_UXEM)
		return refuse(c, k, "more than 10,000,000,000 XEM");
	return rc;
}

static enum xt_status get_parties(const struct cells *c, struct import_row *row)
{
	struct store_record *r = &row->rec;
	enum xt_status rc = XT_OK;
	if (!filled(c, COL_RECIPIENT))
		return refuse(c, COL_RECIPIENT, "missing");
	if (r->kind == NEM_MOVE_OPENING) {
		if (filled(c, COL_SENDER))
			return refuse(c, COL_SENDER,
				      "an opening balance has no sender");
	} else if (!filled(c, COL_SENDER)) {
		return refuse(c, COL_SENDER, "missing");
	} else {
		rc = at(c, COL_SENDER,
			nem_party_parse(&r->sender, cell(c, COL_SENDER), c->err));
	}
	if (rc == XT_OK)
		rc = at(c, COL_RECIPIENT,
			nem_party_parse(&r->recipient, cell(c, COL_RECIPIENT), c->err));
	return rc;
}

static enum xt_status get_hex(const struct cells *c, struct import_row *row,
			      const char *hex)
{
	struct store_record *r = &row->rec;
	const size_t digits = strlen(hex);
	if (digits % 2 != 0 || digits / 2 > XT_MAX_MESSAGE ||
	    xt_hex_decode(row->room, digits / 2, hex, NULL) != XT_OK)
		return refuse(c, COL_MESSAGE,
			      "not pairs of hex digits, 1024 bytes at most");
	r->message.data = row->room;
	r->message.len = (uint32_t)(digits / 2);
	return XT_OK;
}

/* Text, or "hex:" and "encrypted:" with hex digits: what outputs show is what goes in.
 */
static enum xt_status get_message(const struct cells *c, struct import_row *row)
{
	struct store_record *r = &row->rec;
	const char *v = cell(c, COL_MESSAGE);
	const size_t n = strlen(v);
	r->message_type = n ? NEM_MSG_PLAIN : NEM_MSG_NONE;
	if (strncmp(v, "hex:", 4) == 0)
		return get_hex(c, row, v + 4);
	if (strncmp(v, "encrypted:", 10) == 0) {
		r->message_type = NEM_MSG_ENCRYPTED;
		return get_hex(c, row, v + 10);
	}
	if (n > XT_MAX_MESSAGE)
		return refuse(c, COL_MESSAGE,
			      "longer than the 1024 bytes of a message");
	if (!xt_utf8_valid((const uint8_t *)v, n))
		return refuse(c, COL_MESSAGE, "not UTF-8");
	if (n)
		memcpy(row->room, v, n);
	r->message.data = row->room;
	r->message.len = (uint32_t)n;
	return XT_OK;
}

static enum xt_status get_hash(const struct cells *c, struct import_row *row)
{
	struct store_record *r = &row->rec;
	r->has_hash = filled(c, COL_HASH);
	if (r->has_hash && xt_hex_decode(r->hash.b, sizeof(r->hash.b),
					 cell(c, COL_HASH), NULL) != XT_OK)
		return refuse(c, COL_HASH, "not 64 hex digits");
	return XT_OK;
}

static enum xt_status only_aggregates(const struct cells *c)
{
	static const enum column own[] = { COL_COUNT, COL_FIRST, COL_LAST };
	for (size_t i = 0; i < XT_ARRAY_SIZE(own); i++)
		if (filled(c, own[i]))
			return refuse(c, own[i], "for rows of kind aggregate only");
	return XT_OK;
}

/* Above all transfers that there ever were. */
#define MAX_COUNT ((UINT64_C(1) << 24) - 1)

/* What an aggregate says of its period; `time` is its place in the order. */
static enum xt_status get_period(const struct cells *c, struct import_row *row,
				 bool timed, int64_t time)
{
	struct store_record *r = &row->rec;
	bool has_first = false, has_last = false, has_count;
	int64_t first = 0, last = 0;
	uint64_t count = 0;
	enum xt_status rc = get_u64(c, COL_COUNT, &count, &has_count, MAX_COUNT);
	if (rc == XT_OK && has_count && count == 0)
		rc = refuse(c, COL_COUNT, "a row stands for one transfer at least");
	if (rc == XT_OK)
		rc = get_time(c, COL_FIRST, &first, &has_first);
	if (rc == XT_OK)
		rc = get_time(c, COL_LAST, &last, &has_last);
	if (rc == XT_OK && has_last &&
	    ((has_first && last < first) || (timed && last < time)))
		rc = refuse(c, COL_LAST, "before first or time");
	if (rc != XT_OK)
		return rc;
	r->count = (uint32_t)count;
	r->has_time = has_first || timed;
	r->time = has_first ? first : time;
	r->time_last = has_last ? last : r->time;
	row->has_order_time = has_first || timed;
	r->order_time = timed ? time : first;
	/* A period of which only the end is known places nothing. */
	if (!r->has_time && has_last && !r->has_height)
		return refuse(c, COL_TIME,
			      "neither height, time nor first: no place in the order");
	return XT_OK;
}

static enum xt_status get_place(const struct cells *c, struct import_row *row)
{
	struct store_record *r = &row->rec;
	bool timed = false;
	int64_t time = 0;
	uint64_t index = 0;
	enum xt_status rc =
	    get_u64(c, COL_HEIGHT, &r->height, &r->has_height, UINT32_MAX);
	if (rc == XT_OK && r->has_height && r->height == 0)
		rc = refuse(c, COL_HEIGHT, "heights begin at 1");
	if (rc == XT_OK)
		rc = get_u64(c, COL_INDEX, &index, &r->has_index, UINT32_MAX);
	if (rc == XT_OK && r->has_index && !r->has_height)
		rc = refuse(c, COL_INDEX, "an index without a height");
	r->index = (uint32_t)index;
	if (rc == XT_OK)
		rc = get_time(c, COL_TIME, &time, &timed);
	if (rc != XT_OK)
		return rc;
	if (row->aggregate) {
		rc = get_period(c, row, timed, time);
	} else {
		r->count = 1;
		r->has_time = row->has_order_time = timed;
		r->time = r->time_last = r->order_time = time;
		rc = only_aggregates(c);
	}
	if (rc == XT_OK && !r->has_height && !row->has_order_time)
		rc = refuse(c, c->in->at[COL_TIME] >= 0 ? COL_TIME : COL_HEIGHT,
			    "neither height nor time: no place in the order");
	return rc;
}

static enum xt_status opening_alone(const struct cells *c)
{
	static const enum column none[] = { COL_HEIGHT,   COL_INDEX,   COL_TIME,
					    COL_FEE_UXEM, COL_MESSAGE, COL_HASH,
					    COL_COUNT,    COL_FIRST,   COL_LAST };
	for (size_t i = 0; i < XT_ARRAY_SIZE(none); i++)
		if (filled(c, none[i]))
			return refuse(c, none[i], "not for an opening balance");
	return XT_OK;
}

enum xt_status import_row(struct import_row *out, const struct import *in, size_t r,
			  struct xt_err *err)
{
	const struct cells c = { in, r, err };
	struct store_record *rec = &out->rec;
	const uint64_t line = csv_line(in->csv, r);
	bool has_fee;
	memset(out, 0, sizeof(*out));
	rec->line = line;
	enum xt_status rc = get_kind(&c, out);
	if (rc == XT_OK)
		rc = get_provenance(&c, out);
	if (rc == XT_OK)
		rc = get_parties(&c, out);
	if (rc == XT_OK)
		rc = get_amount(&c, out);
	if (rc == XT_OK && rec->kind == NEM_MOVE_OPENING) {
		rec->count = 1;
		rc = opening_alone(&c);
	} else if (rc == XT_OK) {
		rc = get_place(&c, out);
		if (rc == XT_OK)
			rc = get_u64(&c, COL_FEE_UXEM, &rec->fee.uxem, &has_fee,
				     NEM_SUPPLY_UXEM);
		if (rc == XT_OK)
			rc = get_message(&c, out);
		if (rc == XT_OK)
			rc = get_hash(&c, out);
	}
	if (rc != XT_OK)
		return rc;
	if (filled(&c, COL_NOTE) && !xt_utf8_valid((const uint8_t *)cell(&c, COL_NOTE),
						   strlen(cell(&c, COL_NOTE))))
		return refuse(&c, COL_NOTE, "not UTF-8");
	rec->note = filled(&c, COL_NOTE) ? cell(&c, COL_NOTE) : NULL;
	const int n = snprintf(rec->ref, sizeof(rec->ref), "%s:%llu", in->name,
			       (unsigned long long)line);
	if (n < 0 || (size_t)n >= sizeof(rec->ref))
		return xt_fail(
		    err, XT_E_USAGE,
		    "%s: the name is too long for references: give a shorter one",
		    in->path);
	return XT_OK;
}
