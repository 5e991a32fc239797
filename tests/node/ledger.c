#include "ledger.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "txjson.h"
#include "util.h"

#define VERSION_1 0x68000001u
#define BASE_TIME "2018-01-26"

_Noreturn void ledger_refuse(const struct ledger *l, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "%s:%u: ", l->path, l->line);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	exit(3);
}

/* ---- names ---- */

uint32_t ledger_name(struct ledger *l, const char *name)
{
	struct ledger_name *to;
	uint32_t n;

	if (xt_map_get(l->by_name, &n, name, strlen(name)))
		return n;
	if (name[0] == '\0' ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789_-.")] != '\0')
		ledger_refuse(l, "%s: not a name (letters, digits, _ - .)", name);
	n = (uint32_t)l->n_names;
	l->names = fx_grow(l->names, &l->cap_names, l->n_names, sizeof(*l->names));
	to = &l->names[l->n_names++];
	memset(to, 0, sizeof(*to));
	to->name = fx_strdup(name);
	fx_key_from_name(&to->priv, &to->pub, name);
	nem_address_from_pubkey(&to->address, NEM_MAINNET, &to->pub);
	fx_must(xt_map_put(l->by_name, name, strlen(name), n, NULL), NULL);
	return n;
}

uint32_t ledger_known(struct ledger *l, const char *name)
{
	uint32_t n = ledger_name(l, name);

	if (!l->names[n].introduced && !l->allow_invalid)
		ledger_refuse(l, "%s: unknown name (it never got anything)", name);
	return n;
}

/* ---- blocks ---- */

uint32_t ledger_time(const struct ledger *l, uint64_t height)
{
	if (height == l->clock_height)
		return l->clock;
	return l->start + (uint32_t)(height - 1) * l->spacing;
}

static void sign_bytes(struct nem_signature *out, const struct nem_privkey *key,
		       const struct xt_buf *b)
{
	nem_sign(out, key, b->data, b->len);
}

void ledger_sign(struct ledger *l, struct nem_tx *tx, uint32_t signer)
{
	struct xt_buf b;
	struct xt_err err;

	xt_buf_init(&b, 1 << 20);
	tx->has_signature = true;
	fx_must(nem_tx_encode(&b, tx, NEM_FORM_UNSIGNED, &err), &err);
	sign_bytes(&tx->signature, &l->names[signer].priv, &b);
	xt_buf_release(&b);
}

/* Put a finished block behind the others and replay it. */
static void append_block(struct ledger *l, struct nem_block *b, unsigned *lines)
{
	struct xt_err err;
	uint32_t bad_tx = 0;
	enum xt_status st;

	fx_must(nem_block_hash(&l->last_hash, b, &err), &err);
	l->last_time = b->timestamp;
	l->blocks = fx_grow(l->blocks, &l->cap_blocks, l->n_blocks, sizeof(*l->blocks));
	l->lines = fx_grow(l->lines, &l->cap_lines, l->n_blocks, sizeof(*l->lines));
	l->blocks[l->n_blocks] = *b;
	l->lines[l->n_blocks++] = lines;
	st = fx_state_apply(l->state, &bad_tx, b, 0, NULL, &err);
	if (st != XT_OK && !l->allow_invalid) {
		l->line = lines[bad_tx];
		ledger_refuse(l, "%s", err.text);
	}
}

bool ledger_left_out(const struct ledger *l, const struct nem_block *b)
{
	/* The first name is the first harvester. */
	return l->sparse && b->height > 1 && b->n_txs == 0 &&
	       memcmp(b->signer.b, l->names[0].pub.b, 32) == 0;
}

static void finish_block(struct ledger *l)
{
	uint32_t signer = l->height == 1 ? ledger_name(l, "nemesis") : l->harvester;
	unsigned *lines = l->tx_lines;
	struct nem_block b;
	struct xt_buf bytes;
	struct xt_err err;

	if (l->height == 1 && l->n_txs == 0 && !l->allow_invalid)
		ledger_refuse(l, "no opening: the chain would have no money");
	memset(&b, 0, sizeof(b));
	b.type = l->height == 1 ? 0xFFFFFFFFU : 1;
	b.version = VERSION_1;
	b.timestamp = ledger_time(l, l->height);
	if (l->n_blocks > 0 && b.timestamp <= l->last_time)
		b.timestamp = l->last_time + 1; /* times strictly increase */
	b.signer = l->names[signer].pub;
	b.prev = l->last_hash;
	b.height = l->height;
	b.txs = l->n_txs == 0 ? fx_alloc(1, sizeof(*b.txs)) : l->txs;
	b.n_txs = (uint32_t)l->n_txs;
	if (!ledger_left_out(l, &b)) {
		xt_buf_init(&bytes, SIZE_MAX / 2);
		fx_must(nem_block_encode(&bytes, &b, NEM_FORM_UNSIGNED, &err), &err);
		sign_bytes(&b.signature, &l->names[signer].priv, &bytes);
		xt_buf_release(&bytes);
	}
	l->txs = NULL;
	l->tx_lines = NULL;
	l->n_txs = l->cap_txs = l->cap_tx_lines = 0;
	append_block(l, &b, lines);
	l->height++;
}

void ledger_advance(struct ledger *l, uint64_t height)
{
	if (height < l->height)
		ledger_refuse(l, "height %llu is behind, block %llu is being made",
			      (unsigned long long)height,
			      (unsigned long long)l->height);
	if (height > l->height + 2000000)
		ledger_refuse(l, "height %llu is too far off",
			      (unsigned long long)height);
	while (l->height < height)
		finish_block(l);
}

/* ---- lines ---- */

/* Cut a line into words in place: blanks part them, "..." keeps them (with \" and \\),
 * a
 * '#' outside of quotes ends the line. */
static void split(const struct ledger *l, struct words *w, char *s)
{
	w->n = w->at = 0;
	for (;;) {
		char *to;

		s += strspn(s, " \t\r");
		if (*s == '\0' || *s == '#')
			return;
		if (w->n == XT_ARRAY_SIZE(w->text))
			ledger_refuse(l, "more than %zu words", XT_ARRAY_SIZE(w->text));
		w->quoted[w->n] = *s == '"';
		if (*s != '"') {
			w->text[w->n++] = s;
			s += strcspn(s, " \t\r");
			if (*s != '\0')
				*s++ = '\0';
			continue;
		}
		w->text[w->n++] = to = ++s;
		while (*s != '"') {
			if (*s == '\\' && (s[1] == '"' || s[1] == '\\'))
				s++;
			if (*s == '\0')
				ledger_refuse(l, "a quote that does not end");
			*to++ = *s++;
		}
		s++;
		*to = '\0';
	}
}

static const char *word(const struct ledger *l, struct words *w, const char *what)
{
	if (w->at == w->n)
		ledger_refuse(l, "%s is missing", what);
	return w->text[w->at++];
}

static void end_of_line(const struct ledger *l, const struct words *w)
{
	if (w->at < w->n)
		ledger_refuse(l, "%s: not expected here", w->text[w->at]);
}

static void no_transactions_yet(const struct ledger *l, const char *what)
{
	if (l->n_txs > 0 || l->n_blocks > 0)
		ledger_refuse(l, "%s must stand before all else", what);
}

static void push_tx(struct ledger *l, struct nem_tx *tx)
{
	l->txs = fx_grow(l->txs, &l->cap_txs, l->n_txs, sizeof(*l->txs));
	l->tx_lines =
	    fx_grow(l->tx_lines, &l->cap_tx_lines, l->n_txs, sizeof(*l->tx_lines));
	l->txs[l->n_txs] = *tx;
	l->tx_lines[l->n_txs++] = l->line;
}

static void on_start(struct ledger *l, struct words *w)
{
	const char *text = word(l, w, "time");
	struct xt_err err;
	int64_t t;

	no_transactions_yet(l, "start");
	if (nem_time_parse(&t, text, &err) != XT_OK)
		ledger_refuse(l, "%s", err.text);
	if (!nem_time_from_unix(&l->start, t))
		ledger_refuse(l, "%s: before NEM's epoch", text);
}

static void on_spacing(struct ledger *l, struct words *w)
{
	const char *text = word(l, w, "seconds");
	uint64_t v;

	no_transactions_yet(l, "spacing");
	if (xt_parse_u64(&v, text, 86400, NULL) != XT_OK || v == 0)
		ledger_refuse(l, "%s: not 1 to 86400 seconds", text);
	l->spacing = (uint32_t)v;
}

/* opening NAME AMOUNT ["memo"]: a transfer without a fee in the nemesis block. */
static void on_opening(struct ledger *l, struct words *w)
{
	uint32_t nemesis = ledger_name(l, "nemesis");
	const char *to = word(l, w, "receiver");
	const char *amount = word(l, w, "amount");
	struct xt_err err;
	struct nem_tx tx;

	if (l->height != 1)
		ledger_refuse(l, "openings stand before all transactions");
	memset(&tx, 0, sizeof(tx));
	tx.type = NEM_TX_TRANSFER;
	tx.version = VERSION_1;
	tx.timestamp = tx.deadline = ledger_time(l, 1);
	tx.signer = l->names[nemesis].pub;
	if (nem_amount_parse_xem(&tx.u.transfer.amount, amount, &err) != XT_OK)
		ledger_refuse(l, "%s", err.text);
	if (strlen(to) != 40 ||
	    nem_address_parse(&tx.u.transfer.recipient, to, NULL) != XT_OK) {
		uint32_t n = ledger_name(l, to);

		l->names[n].introduced = true;
		tx.u.transfer.recipient = l->names[n].address;
	}
	if (w->at < w->n && w->quoted[w->at]) {
		const char *memo = w->text[w->at++];

		tx.u.transfer.message_type = NEM_MSG_PLAIN;
		tx.u.transfer.message.data = (uint8_t *)fx_strdup(memo);
		tx.u.transfer.message.len = (uint32_t)strlen(memo);
	}
	/* The same opening twice would be the same transaction: tell them apart. */
	tx.deadline += (uint32_t)l->n_txs;
	ledger_sign(l, &tx, nemesis);
	push_tx(l, &tx);
}

static void on_height(struct ledger *l, struct words *w)
{
	const char *text = word(l, w, "height");
	uint64_t v;

	if (xt_parse_u64(&v, text, UINT32_MAX, NULL) != XT_OK || v < 2)
		ledger_refuse(l, "%s: not a height from 2", text);
	ledger_advance(l, v);
	l->wanted = v;
}

/* clock HEIGHT TIME: a block that is not yet made gets a time of its own. */
static void on_clock(struct ledger *l, struct words *w)
{
	const char *height = word(l, w, "height");
	const char *text = word(l, w, "time");
	struct xt_err err;
	uint64_t v;
	int64_t t;

	if (xt_parse_u64(&v, height, UINT32_MAX, NULL) != XT_OK || v < 2)
		ledger_refuse(l, "%s: not a height from 2", height);
	ledger_advance(l, v);
	if (l->n_txs > 0)
		ledger_refuse(l, "block %s is being made", height);
	if (nem_time_parse(&t, text, &err) != XT_OK)
		ledger_refuse(l, "%s", err.text);
	if (!nem_time_from_unix(&l->clock, t))
		ledger_refuse(l, "%s: before NEM's epoch", text);
	if (l->clock <= l->last_time)
		ledger_refuse(l, "%s: not after the block before", text);
	l->clock_height = v;
}

static void on_harvester(struct ledger *l, struct words *w)
{
	uint32_t n = ledger_name(l, word(l, w, "name"));

	/* From the next block on: what is being made keeps its signer. */
	if (l->height > 1 && l->n_txs > 0)
		finish_block(l);
	l->names[n].introduced = true;
	l->harvester = n;
}

/* import-block FILE: a block as it stands in a JSON file, signed by whoever did. */
static void on_import(struct ledger *l, struct words *w)
{
	const char *name = word(l, w, "file");
	const char *slash = strrchr(l->path, '/');
	struct xt_buf path;
	struct xt_err err;
	struct nem_block b;
	json_error_t je;
	unsigned *lines;
	json_t *j;

	if (l->sparse)
		ledger_refuse(l, "--sparse cannot make imported blocks again");
	if (l->height > 1 && l->n_txs > 0)
		finish_block(l);
	if (l->height == 1 && l->n_txs > 0)
		ledger_refuse(l, "a chain has either openings or a nemesis block");
	xt_buf_init(&path, 4096);
	if (name[0] != '/' && slash != NULL)
		fx_must(xt_buf_add(&path, l->path, (size_t)(slash - l->path) + 1, &err),
			&err);
	fx_must(xt_buf_adds(&path, name, &err), &err);
	j = json_load_file(xt_buf_str(&path), 0, &je);
	if (j == NULL)
		ledger_refuse(l, "%s: %s", xt_buf_str(&path), je.text);
	if (fx_block_from_json(&b, j, &err) != XT_OK)
		ledger_refuse(l, "%s: %s", xt_buf_str(&path), err.text);
	if (!l->allow_invalid &&
	    (b.height != l->height ||
	     (l->height > 1 && memcmp(b.prev.b, l->last_hash.b, 32) != 0)))
		ledger_refuse(l, "%s: does not link to the block before",
			      xt_buf_str(&path));
	lines = fx_alloc(b.n_txs, sizeof(*lines));
	for (uint32_t i = 0; i < b.n_txs; i++)
		lines[i] = l->line;
	append_block(l, &b, lines);
	l->height = b.height + 1;
	if (b.timestamp > ledger_time(l, b.height))
		l->start += b.timestamp - ledger_time(l, b.height);
	json_decref(j);
	xt_buf_release(&path);
}

static void on_line(struct ledger *l, char *text)
{
	static const struct {
		const char *word;
		void (*call)(struct ledger *l, struct words *w);
	} commands[] = {
		{ "start", on_start },         { "spacing", on_spacing },
		{ "opening", on_opening },     { "height", on_height },
		{ "harvester", on_harvester }, { "import-block", on_import },
		{ "clock", on_clock },
	};
	struct words w;
	size_t i = 0;

	split(l, &w, text);
	if (w.n == 0)
		return;
	while (i < XT_ARRAY_SIZE(commands) && strcmp(commands[i].word, w.text[0]) != 0)
		i++;
	if (i == XT_ARRAY_SIZE(commands)) {
		ledger_tx_line(l, &w);
	} else {
		w.at = 1;
		commands[i].call(l, &w);
	}
	end_of_line(l, &w);
}

void ledger_read(struct ledger *l, const char *path, bool allow_invalid, bool sparse)
{
	struct xt_err err;
	char *text = fx_read_file(path, NULL);
	char *p = text;
	int64_t t;

	if (text == NULL)
		fx_die("%s: %s", path, strerror(errno));
	memset(l, 0, sizeof(*l));
	l->path = path;
	l->allow_invalid = allow_invalid;
	l->sparse = sparse;
	l->height = 1;
	l->spacing = 60;
	fx_must(nem_time_parse(&t, BASE_TIME, &err), &err);
	if (!nem_time_from_unix(&l->start, t))
		fx_die("base time");
	fx_must(xt_map_new(&l->by_name, &err), &err);
	fx_must(xt_map_new(&l->hashes, &err), &err);
	l->state = fx_state_new();
	l->harvester = ledger_name(l, LEDGER_HARVESTER);
	l->names[l->harvester].introduced = true;
	while (*p != '\0') {
		char *end = p + strcspn(p, "\n");
		bool last = *end == '\0';

		*end = '\0';
		l->line++;
		on_line(l, p);
		p = last ? end : end + 1;
	}
	if (l->n_txs > 0 || l->n_blocks == 0 || l->height == l->wanted)
		finish_block(l);
	free(text);
}

void ledger_release(struct ledger *l)
{
	for (size_t i = 0; i < l->n_blocks; i++) {
		nem_block_release(&l->blocks[i]);
		free(l->lines[i]);
	}
	for (size_t i = 0; i < l->n_names; i++)
		free(l->names[i].name);
	free(l->blocks);
	free(l->lines);
	free(l->names);
	xt_map_free(l->by_name);
	xt_map_free(l->hashes);
	fx_state_free(l->state);
}
