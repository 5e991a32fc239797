/* The lines of a ledger that make transactions. */
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "util.h"

#define NAMESPACE_SINK "NAMESPACEWH4MKFMBCVFERDPOOP4FK7MTBXDPZZA"
#define MOSAIC_SINK    "NBMOSAICOD4F54EE5CDMR23CCBGOAM2XSIUX6TRS"
#define MAX_COSIGNERS  LEDGER_MAX_COSIGNERS

/* ---- words ---- */

static const char *next(const struct ledger *l, struct words *w, const char *what)
{
	if (w->at == w->n)
		ledger_refuse(l, "%s is missing", what);
	return w->text[w->at++];
}

static bool accept_word(struct words *w, const char *text)
{
	if (w->at == w->n || w->quoted[w->at] || strcmp(w->text[w->at], text) != 0)
		return false;
	w->at++;
	return true;
}

static void expect(const struct ledger *l, struct words *w, const char *text)
{
	if (!accept_word(w, text))
		ledger_refuse(l, "\"%s\" is missing", text);
}

static struct nem_amount xem(const struct ledger *l, const char *text)
{
	struct nem_amount a;
	struct xt_err err;

	if (nem_amount_parse_xem(&a, text, &err) != XT_OK)
		ledger_refuse(l, "%s", err.text);
	return a;
}

static uint64_t whole(const struct ledger *l, const char *text)
{
	uint64_t v;

	if (xt_parse_u64(&v, text, INT64_MAX, NULL) != XT_OK)
		ledger_refuse(l, "%s: not a whole number", text);
	return v;
}

static struct nem_bytes bytes(const char *s, size_t n)
{
	struct nem_bytes b = { fx_alloc(n + 1, 1), (uint32_t)n };

	memcpy(b.data, s, n);
	return b;
}

static struct nem_bytes text_bytes(const char *s)
{
	return bytes(s, strlen(s));
}

static struct nem_bytes from_hex(const struct ledger *l, const char *hex)
{
	size_t n = strlen(hex) / 2;
	struct nem_bytes b = { fx_alloc(n + 1, 1), (uint32_t)n };

	if (xt_hex_decode(b.data, n, hex, NULL) != XT_OK)
		ledger_refuse(l, "%s: not hex", hex);
	return b;
}

/* "ns.sub:name" */
static struct nem_mosaic_id mosaic_id(const struct ledger *l, const char *s, size_t n)
{
	const char *colon = memchr(s, ':', n);
	struct nem_mosaic_id id;

	if (colon == NULL || colon == s || colon + 1 == s + n)
		ledger_refuse(l, "%.*s: not a mosaic (namespace:name)", (int)n, s);
	id.ns = bytes(s, (size_t)(colon - s));
	id.name = bytes(colon + 1, n - (size_t)(colon - s) - 1);
	return id;
}

static bool is_xem_name(const char *s, size_t n)
{
	return n == 7 && memcmp(s, "nem:xem", 7) == 0;
}

/* A name, which is introduced by it, or an address. */
static struct nem_address receiver(struct ledger *l, const char *s)
{
	struct nem_address a;
	uint32_t n;

	if (strlen(s) == 40 && nem_address_parse(&a, s, NULL) == XT_OK)
		return a;
	n = ledger_name(l, s);
	l->names[n].introduced = true;
	return l->names[n].address;
}

/* ---- kinds of transactions ---- */

/* The text that the node sorts mosaics by. */
static int by_mosaic_text(const void *a, const void *b)
{
	const struct nem_mosaic *x = a;
	const struct nem_mosaic *y = b;
	char s[200];
	char t[200];

	(void)snprintf(s, sizeof(s), "%s:%s", (const char *)x->id.ns.data,
		       (const char *)x->id.name.data);
	(void)snprintf(t, sizeof(t), "%s:%s", (const char *)y->id.ns.data,
		       (const char *)y->id.name.data);
	return strcmp(s, t);
}

/* "ns:name*qty,nem:xem*qty": XEM with decimals, others in smallest units. */
static void read_mosaics(const struct ledger *l, struct nem_tx *tx, const char *s)
{
	size_t cap = 0;
	size_t n = 0;
	struct nem_mosaic *list = NULL;

	while (*s != '\0') {
		size_t len = strcspn(s, ",");
		size_t id = strcspn(s, "*");
		char qty[40] = "";

		if (id >= len || len - id - 1 >= sizeof(qty))
			ledger_refuse(l, "%s: not ns:name*quantity", s);
		memcpy(qty, s + id + 1, len - id - 1);
		list = fx_grow(list, &cap, n, sizeof(*list));
		list[n].id = mosaic_id(l, s, id);
		list[n++].quantity =
		    is_xem_name(s, id) ? xem(l, qty).uxem : whole(l, qty);
		s += len + (s[len] == ',');
	}
	if (n > 1)
		qsort(list, n, sizeof(*list), by_mosaic_text);
	tx->u.transfer.mosaics = list;
	tx->u.transfer.n_mosaics = (uint32_t)n;
}

static void set_version(struct nem_tx *tx, uint32_t v)
{
	tx->version = LEDGER_NETWORK_BYTE | v;
}

/* FROM -> TO AMOUNT ["memo"] */
static void read_transfer(struct ledger *l, struct ledger_draft *d, struct words *w)
{
	d->tx.type = NEM_TX_TRANSFER;
	d->signer = ledger_known(l, next(l, w, "sender"));
	expect(l, w, "->");
	d->tx.u.transfer.recipient = receiver(l, next(l, w, "receiver"));
	d->tx.u.transfer.amount = xem(l, next(l, w, "amount"));
}

static void set_message(const struct ledger *l, struct nem_tx *tx, uint32_t type,
			struct nem_bytes b)
{
	if (tx->type != NEM_TX_TRANSFER || tx->u.transfer.message_type != NEM_MSG_NONE)
		ledger_refuse(l, "a message does not fit here");
	if (b.len == 0) { /* no message, to the node */
		free(b.data);
		return;
	}
	tx->u.transfer.message_type = type;
	tx->u.transfer.message = b;
}

struct mod_order {
	struct nem_modification mod;
	struct nem_address address;
};

static int by_kind_and_address(const void *a, const void *b)
{
	const struct mod_order *x = a;
	const struct mod_order *y = b;

	if (x->mod.kind != y->mod.kind)
		return x->mod.kind < y->mod.kind ? -1 : 1;
	return strcmp(x->address.s, y->address.s);
}

static void set_mods(struct nem_tx *tx, struct mod_order *mods, size_t n)
{
	qsort(mods, n, sizeof(*mods), by_kind_and_address);
	tx->u.aggregate.mods = fx_alloc(n, sizeof(*tx->u.aggregate.mods));
	tx->u.aggregate.n_mods = (uint32_t)n;
	for (size_t i = 0; i < n; i++)
		tx->u.aggregate.mods[i] = mods[i].mod;
}

static void add_mod(struct ledger *l, struct mod_order *mods, size_t *n, uint32_t kind,
		    const char *name)
{
	uint32_t who = ledger_name(l, name);

	if (*n == MAX_COSIGNERS)
		ledger_refuse(l, "more than %d cosignatories", MAX_COSIGNERS);
	l->names[who].introduced = true;
	mods[*n].mod.kind = kind;
	mods[*n].mod.cosignatory = l->names[who].pub;
	mods[*n].address = l->names[who].address;
	(*n)++;
}

static void read_relative_change(const struct ledger *l, struct nem_tx *tx,
				 struct words *w)
{
	const char *text;
	char *end;
	long v;

	if (!accept_word(w, "min"))
		return;
	text = next(l, w, "number");
	v = strtol(text, &end, 10);
	if (*end != '\0' || end == text || v < -MAX_COSIGNERS || v > MAX_COSIGNERS)
		ledger_refuse(l, "%s: not a number of cosignatories", text);
	set_version(tx, 2);
	tx->u.aggregate.has_relative_change = true;
	tx->u.aggregate.relative_change = (int32_t)v;
}

/* multisig ACCOUNT = a,b,c [min N] */
static void read_multisig(struct ledger *l, struct ledger_draft *d, struct words *w)
{
	struct mod_order mods[MAX_COSIGNERS];
	size_t n = 0;
	char *list;
	char *rest;
	char *s;

	d->tx.type = NEM_TX_AGGREGATE;
	d->signer = ledger_known(l, next(l, w, "account"));
	expect(l, w, "=");
	list = rest = fx_strdup(next(l, w, "cosignatories"));
	while ((s = strsep(&rest, ",")) != NULL)
		add_mod(l, mods, &n, 1, s);
	free(list);
	set_mods(&d->tx, mods, n);
	read_relative_change(l, &d->tx, w);
}

/* modify ACCOUNT +a -b [min +1] */
static void read_modify(struct ledger *l, struct ledger_draft *d, struct words *w)
{
	struct mod_order mods[MAX_COSIGNERS];
	size_t n = 0;

	d->tx.type = NEM_TX_AGGREGATE;
	d->signer = ledger_known(l, next(l, w, "account"));
	while (w->at < w->n && (w->text[w->at][0] == '+' || w->text[w->at][0] == '-')) {
		const char *s = w->text[w->at++];

		add_mod(l, mods, &n, s[0] == '+' ? 1 : 2, s + 1);
	}
	set_mods(&d->tx, mods, n);
	read_relative_change(l, &d->tx, w);
}

/* remote OWNER activate|deactivate REMOTE */
static void read_remote(struct ledger *l, struct ledger_draft *d, struct words *w)
{
	uint32_t remote;

	d->tx.type = NEM_TX_IMPORTANCE;
	d->signer = ledger_known(l, next(l, w, "owner"));
	if (accept_word(w, "activate"))
		d->tx.u.importance.mode = 1;
	else if (accept_word(w, "deactivate"))
		d->tx.u.importance.mode = 2;
	else
		ledger_refuse(l, "activate or deactivate is missing");
	remote = ledger_name(l, next(l, w, "remote"));
	l->names[remote].introduced = true;
	d->tx.u.importance.remote = l->names[remote].pub;
}

static void set_address(const struct ledger *l, struct nem_address *out, const char *s)
{
	struct xt_err err;

	if (nem_address_parse(out, s, &err) != XT_OK)
		ledger_refuse(l, "%s", err.text);
}

/* namespace OWNER root[.sub] [rental XEM] */
static void read_namespace(struct ledger *l, struct ledger_draft *d, struct words *w)
{
	const char *fqn;
	const char *dot;

	d->tx.type = NEM_TX_NAMESPACE;
	d->signer = ledger_known(l, next(l, w, "owner"));
	fqn = next(l, w, "namespace");
	dot = strrchr(fqn, '.');
	set_address(l, &d->tx.u.ns.sink, NAMESPACE_SINK);
	d->tx.u.ns.rental_fee.uxem = dot == NULL ? 100000000 : 10000000;
	d->tx.u.ns.new_part = dot == NULL ? text_bytes(fqn) : text_bytes(dot + 1);
	if (dot != NULL) {
		d->tx.u.ns.has_parent = true;
		d->tx.u.ns.parent = bytes(fqn, (size_t)(dot - fqn));
	}
	if (accept_word(w, "rental"))
		d->tx.u.ns.rental_fee = xem(l, next(l, w, "rental fee"));
}

static void read_levy(struct ledger *l, struct nem_levy *levy, struct words *w)
{
	const char *amount;
	const char *id;

	if (accept_word(w, "absolute"))
		levy->kind = 1;
	else if (accept_word(w, "percentile"))
		levy->kind = 2;
	else
		ledger_refuse(l, "absolute or percentile is missing");
	amount = next(l, w, "levy");
	id = next(l, w, "mosaic of the levy");
	levy->id = mosaic_id(l, id, strlen(id));
	levy->fee = levy->kind == 1 && is_xem_name(id, strlen(id)) ? xem(l, amount).uxem
								   : whole(l, amount);
	expect(l, w, "to");
	levy->recipient = receiver(l, next(l, w, "receiver of the levy"));
}

/* mosaic CREATOR ns:name [div N] [supply N] [mutable] [fixed] [description "..."]
 * [levy absolute|percentile N ID to NAME] [creation XEM] */
static void read_mosaic(struct ledger *l, struct ledger_draft *d, struct words *w)
{
	static const char *const property_names[4] = { "divisibility", "initialSupply",
						       "supplyMutable",
						       "transferable" };
	const char *values[4] = { "0", "1000", "false", "true" };
	const char *id;
	struct nem_mosaic_definition *def = &d->tx.u.mosaic.def;

	d->tx.type = NEM_TX_MOSAIC;
	d->signer = ledger_known(l, next(l, w, "creator"));
	id = next(l, w, "mosaic");
	def->creator = l->names[d->signer].pub;
	def->id = mosaic_id(l, id, strlen(id));
	set_address(l, &d->tx.u.mosaic.sink, MOSAIC_SINK);
	d->tx.u.mosaic.creation_fee.uxem = 10000000;
	for (;;) {
		if (accept_word(w, "div"))
			values[0] = next(l, w, "divisibility");
		else if (accept_word(w, "supply"))
			values[1] = next(l, w, "supply");
		else if (accept_word(w, "mutable"))
			values[2] = "true";
		else if (accept_word(w, "fixed"))
			values[3] = "false";
		else if (accept_word(w, "description") && def->description.data == NULL)
			def->description = text_bytes(next(l, w, "text"));
		else if (def->levy.kind == 0 && accept_word(w, "levy"))
			read_levy(l, &def->levy, w);
		else if (accept_word(w, "creation"))
			d->tx.u.mosaic.creation_fee =
			    xem(l, next(l, w, "creation fee"));
		else
			break;
	}
	if (whole(l, values[0]) > 6)
		ledger_refuse(l, "div %s: more than 6", values[0]);
	(void)whole(l, values[1]);
	if (def->description.data == NULL)
		def->description = bytes("synthetic", 9);
	def->properties = fx_alloc(4, sizeof(*def->properties));
	def->n_properties = 4;
	for (int i = 0; i < 4; i++) {
		def->properties[i].name = text_bytes(property_names[i]);
		def->properties[i].value = text_bytes(values[i]);
	}
}

/* supply CREATOR ns:name +N|-N */
static void read_supply(struct ledger *l, struct ledger_draft *d, struct words *w)
{
	const char *id;
	const char *delta;

	d->tx.type = NEM_TX_SUPPLY;
	d->signer = ledger_known(l, next(l, w, "creator"));
	id = next(l, w, "mosaic");
	d->tx.u.supply.id = mosaic_id(l, id, strlen(id));
	delta = next(l, w, "change");
	if (delta[0] != '+' && delta[0] != '-')
		ledger_refuse(l, "%s: not +N or -N", delta);
	d->tx.u.supply.supply_kind = delta[0] == '+' ? 1 : 2;
	d->tx.u.supply.delta = whole(l, delta + 1);
}

/* ---- options ---- */

static int64_t seconds(const struct ledger *l, const char *s)
{
	char *end;
	long v = strtol(s, &end, 10);

	if (end == s || *end != '\0')
		ledger_refuse(l, "%s: not a number of seconds", s);
	return v;
}

static void read_height(const struct ledger *l, struct ledger_draft *d, const char *s)
{
	if (strcmp(s, "=") == 0)
		d->height = l->height;
	else
		d->height = whole(l, s);
	if (d->height < 2)
		ledger_refuse(l, "@%s: transactions start at height 2", s);
}

static void read_options(struct ledger *l, struct ledger_draft *d, struct words *w)
{
	bool transfer = d->tx.type == NEM_TX_TRANSFER;

	while (w->at < w->n) {
		if (w->quoted[w->at]) {
			const char *s = w->text[w->at++];

			set_message(l, &d->tx, NEM_MSG_PLAIN, text_bytes(s));
		} else if (w->text[w->at][0] == '@') {
			read_height(l, d, w->text[w->at++] + 1);
		} else if (accept_word(w, "fee")) {
			d->has_fee = true;
			d->tx.fee = xem(l, next(l, w, "fee"));
		} else if (accept_word(w, "outer-fee")) {
			d->outer_fee = xem(l, next(l, w, "fee"));
		} else if (accept_word(w, "cosign-fee")) {
			d->cosign_fee = xem(l, next(l, w, "fee"));
		} else if (transfer && accept_word(w, "encrypted")) {
			set_message(l, &d->tx, NEM_MSG_ENCRYPTED,
				    from_hex(l, next(l, w, "message")));
		} else if (transfer && accept_word(w, "hexmsg")) {
			set_message(l, &d->tx, NEM_MSG_PLAIN,
				    from_hex(l, next(l, w, "message")));
		} else if (transfer && accept_word(w, "mosaics")) {
			set_version(&d->tx, 2);
			read_mosaics(l, &d->tx, next(l, w, "mosaics"));
		} else if (accept_word(w, "v1")) {
			set_version(&d->tx, 1);
		} else if (accept_word(w, "v2")) {
			set_version(&d->tx, 2);
		} else if (accept_word(w, "at")) {
			d->has_skew = true;
			d->skew = seconds(l, next(l, w, "seconds"));
		} else if (accept_word(w, "lifetime")) {
			d->lifetime = whole(l, next(l, w, "seconds"));
		} else if (l->allow_invalid && accept_word(w, "bad-signature")) {
			d->bad_signature = true;
		} else {
			ledger_refuse(l, "%s: not expected here", w->text[w->at]);
		}
	}
}

/* "alice,bob:" in front of what the multisig account does. */
static void read_cosigners(struct ledger *l, struct ledger_draft *d, struct words *w)
{
	char *list;
	char *rest;
	char *s;
	size_t n = strlen(w->text[0]);

	if (w->quoted[0] || n < 2 || w->text[0][n - 1] != ':')
		return;
	w->at = 1;
	list = rest = fx_strdup(w->text[0]);
	list[n - 1] = '\0';
	while ((s = strsep(&rest, ",")) != NULL) {
		if (d->n_cosigners == MAX_COSIGNERS)
			ledger_refuse(l, "more than %d cosigners", MAX_COSIGNERS);
		d->cosigners[d->n_cosigners++] = ledger_known(l, s);
	}
	free(list);
}

void ledger_tx_line(struct ledger *l, struct words *w)
{
	static const struct {
		const char *word;
		void (*call)(struct ledger *l, struct ledger_draft *d, struct words *w);
	} kinds[] = {
		{ "multisig", read_multisig }, { "modify", read_modify },
		{ "remote", read_remote },     { "namespace", read_namespace },
		{ "mosaic", read_mosaic },     { "supply", read_supply },
	};
	struct ledger_draft d;
	size_t i = 0;

	memset(&d, 0, sizeof(d));
	d.lifetime = 3600;
	d.outer_fee.uxem = d.cosign_fee.uxem = 150000;
	set_version(&d.tx, 1);
	read_cosigners(l, &d, w);
	/* A name may be called like a command: what decides is the arrow. */
	if (w->at + 1 < w->n && strcmp(w->text[w->at + 1], "->") == 0) {
		read_transfer(l, &d, w);
	} else {
		while (i < XT_ARRAY_SIZE(kinds) &&
		       (w->at == w->n || strcmp(kinds[i].word, w->text[w->at]) != 0))
			i++;
		if (i == XT_ARRAY_SIZE(kinds))
			ledger_refuse(l, "neither a command nor FROM -> TO AMOUNT");
		w->at++;
		kinds[i].call(l, &d, w);
	}
	read_options(l, &d, w);
	ledger_finish_tx(l, &d);
}
