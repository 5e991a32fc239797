/* floor: store */
/* Bytes as a case file: whatever they are, they are read or refused with the file's
 * name, and reading changes nothing. The first two bytes say where in a sound case the
 * rest is written over it, so that mutations reach behind the header. */
#include "case.h"

#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t sound[1 << 19];
static size_t n_sound;

static void read_sound(void)
{
	struct store *s;
	/* Brought up to date once, not at each of ten thousand openings. */
	FILE *f = fopen("fixtures/store/v1.db", "rb");
	assert(f);
	n_sound = fread(sound, 1, sizeof(sound), f);
	fclose(f);
	const char *path = fuzz_input("case", sound, n_sound);
	const enum xt_status rc = store_open(&s, path, STORE_WRITE, NULL);
	assert(rc == XT_OK);
	store_close(s);
	f = fopen(path, "rb");
	assert(f);
	n_sound = fread(sound, 1, sizeof(sound), f);
	assert(n_sound > 0 && n_sound < sizeof(sound));
	fclose(f);
}

static bool event(void *ctx, const struct store_event *e)
{
	assert(e->amount <= STORE_MAX_UXEM && (e->from || e->to));
	return ++*(uint64_t *)ctx < 100000;
}

static bool account(void *ctx, const struct store_account *a)
{
	assert(memchr(a->party.s, 0, sizeof(a->party.s)));
	return ++*(uint64_t *)ctx < 100000;
}

static bool tx(void *ctx, const struct store_tx *t)
{
	assert(t->provenance >= NEM_SIGNED && t->provenance <= NEM_REPORTED);
	return ++*(uint64_t *)ctx < 100000;
}

static bool message(void *ctx, const struct store_message *m)
{
	assert(m->text);
	return ++*(uint64_t *)ctx < 100000;
}

static bool label(void *ctx, const struct store_label *l)
{
	assert(l->confidence <= 100);
	return ++*(uint64_t *)ctx < 100000;
}

static void check(enum xt_status rc, const struct xt_err *err)
{
	if (rc == XT_OK)
		return;
	assert(rc == XT_E_DATA || rc == XT_E_VERIFY || rc == XT_E_STOPPED ||
	       rc == XT_E_IO || rc == XT_E_LIMIT || rc == XT_E_NOMEM);
	assert(strstr(err->text, "case"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t file[sizeof(sound)];
	struct xt_err err;
	struct store *s;
	struct store_counts c;
	struct store_sizes z;
	uint64_t n = 0;
	if (!n_sound)
		read_sound();
	const char *path;
	if (size > 2 && data[0] != 'S') {
		const size_t at = ((size_t)data[0] << 8 | data[1]) * 3 % n_sound;
		const size_t len = size - 2 < n_sound - at ? size - 2 : n_sound - at;
		memcpy(file, sound, n_sound);
		memcpy(file + at, data + 2, len);
		path = fuzz_input("case", file, n_sound);
	} else {
		path = fuzz_input("case", data, size);
	}
	const enum xt_status rc = store_open(&s, path, STORE_READ, &err);
	if (rc != XT_OK) {
		check(rc, &err);
		return 0;
	}
	check(store_sizes(s, &z, &err), &err);
	check(store_counts(s, &c, &err), &err);
	check(store_each_event(s, event, &n, &err), &err);
	check(store_each_account(s, account, &n, &err), &err);
	check(store_each_tx(s, true, tx, &n, &err), &err);
	check(store_each_message(s, message, &n, &err), &err);
	check(store_each_label(s, label, &n, &err), &err);
	check(store_check_answers(s, &n, &err), &err);
	store_close(s);
	return 0;
}
