#include <xemtrace/base.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Open addressing with linear probing. The table holds entry numbers plus one; entries
 * and key bytes lie in arrays of their own, so that growing moves no key. */
#define SLOTS_FIRST 16

struct entry {
	uint64_t hash;
	size_t at; /* in keys */
	size_t len;
	uint32_t val;
};

struct xt_map {
	struct entry *entries;
	size_t count, cap;
	uint32_t *slots;
	size_t n_slots; /* a power of two */
	struct xt_buf keys;
	uint64_t seed;
};

/* FNV-1a from a start that differs each run, so that keys from a hostile node cannot be
 * chosen to collide, and a last mix since the low bits pick the slot. */
static uint64_t hash_key(const struct xt_map *m, const uint8_t *p, size_t n)
{
	uint64_t h = UINT64_C(0xCBF29CE484222325) ^ m->seed;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001B3);
	h = (h ^ (h >> 33)) * UINT64_C(0xFF51AFD7ED558CCD);
	h = (h ^ (h >> 33)) * UINT64_C(0xC4CEB9FE1A85EC53);
	return h ^ (h >> 33);
}

enum xt_status xt_map_new(struct xt_map **out, struct xt_err *err)
{
	struct xt_map *m = xt_calloc(1, sizeof(*m));

	if (m == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for a map");
	m->slots = xt_calloc(SLOTS_FIRST, sizeof(*m->slots));
	if (m->slots == NULL) {
		free(m);
		return xt_fail(err, XT_E_NOMEM, "out of memory for a map");
	}
	m->n_slots = SLOTS_FIRST;
	xt_buf_init(&m->keys, SIZE_MAX / 2);
	/* Without entropy the map still works: the seed only guards against floods. */
	if (getentropy(&m->seed, sizeof(m->seed)) != 0)
		m->seed = 0;
	*out = m;
	return XT_OK;
}

void xt_map_free(struct xt_map *m)
{
	if (m == NULL)
		return;
	xt_buf_release(&m->keys);
	free(m->slots);
	free(m->entries);
	free(m);
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t find_slot(const struct xt_map *m, uint64_t hash, const void *key,
			size_t len)
{
	size_t i = (size_t)hash & (m->n_slots - 1);

	while (m->slots[i] != 0) {
		const struct entry *e = &m->entries[m->slots[i] - 1];

		if (e->hash == hash && e->len == len &&
		    (len == 0 || memcmp(m->keys.data + e->at, key, len) == 0))
			break;
		i = (i + 1) & (m->n_slots - 1);
	}
	return i;
}

static enum xt_status grow_slots(struct xt_map *m, struct xt_err *err)
{
	const size_t n = m->n_slots * 2;
	uint32_t *slots = xt_calloc(n, sizeof(*slots));

	if (slots == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for a map of %zu", n);
	for (size_t e = 0; e < m->count; e++) {
		size_t i = (size_t)m->entries[e].hash & (n - 1);

		while (slots[i] != 0)
			i = (i + 1) & (n - 1);
		slots[i] = (uint32_t)e + 1;
	}
	free(m->slots);
	m->slots = slots;
	m->n_slots = n;
	return XT_OK;
}

static enum xt_status grow_entries(struct xt_map *m, struct xt_err *err)
{
	const size_t cap = m->cap == 0 ? SLOTS_FIRST : m->cap * 2;
	struct entry *e = xt_reallocarray(m->entries, cap, sizeof(*e));

	if (e == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for a map of %zu", cap);
	m->entries = e;
	m->cap = cap;
	return XT_OK;
}

enum xt_status xt_map_put(struct xt_map *m, const void *key, size_t len, uint32_t val,
			  struct xt_err *err)
{
	const uint64_t hash = hash_key(m, key, len);
	size_t i = find_slot(m, hash, key, len);
	const size_t at = m->keys.len;
	enum xt_status rc = XT_OK;

	if (m->slots[i] != 0) {
		m->entries[m->slots[i] - 1].val = val;
		return XT_OK;
	}
	if (m->count >= UINT32_MAX - 1)
		return xt_fail(err, XT_E_LIMIT, "map: more than %zu keys", m->count);
	if (m->count == m->cap)
		rc = grow_entries(m, err);
	if (rc == XT_OK && m->count + 1 > m->n_slots / 4 * 3) {
		rc = grow_slots(m, err);
		i = find_slot(m, hash, key, len);
	}
	if (rc == XT_OK)
		rc = xt_buf_add(&m->keys, key, len, err);
	if (rc != XT_OK)
		return rc;
	m->entries[m->count] =
	    (struct entry){ .hash = hash, .at = at, .len = len, .val = val };
	m->count++;
	m->slots[i] = (uint32_t)m->count;
	return XT_OK;
}

bool xt_map_get(const struct xt_map *m, uint32_t *val, const void *key, size_t len)
{
	const size_t i = find_slot(m, hash_key(m, key, len), key, len);

	if (m->slots[i] == 0)
		return false;
	*val = m->entries[m->slots[i] - 1].val;
	return true;
}

size_t xt_map_count(const struct xt_map *m)
{
	return m->count;
}
