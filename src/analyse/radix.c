/* A stable sort by 32-bit numbers within records: linear, where qsort() compares. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "finder.h"

static uint32_t key_at(const unsigned char *record, size_t offset)
{
	uint32_t v;

	memcpy(&v, record + offset, sizeof(v));
	return v;
}

struct digit {
	size_t offset; /* of the number in a record */
	unsigned shift, bits;
};

static size_t bucket(const unsigned char *record, const struct digit *d)
{
	return (key_at(record, d->offset) >> d->shift) & ((1U << d->bits) - 1);
}

/* One digit: from `v` to `to`. False: all records have the same one, nothing was done. */
static bool pass(unsigned char *to, const unsigned char *v, size_t n, size_t size,
		 const struct digit *d, size_t *count)
{
	const size_t buckets = (size_t)1 << d->bits;
	size_t sum = 0;

	memset(count, 0, buckets * sizeof(*count));
	for (size_t i = 0; i < n; i++)
		count[bucket(v + i * size, d)]++;
	if (n == 0 || count[bucket(v, d)] == n)
		return false;
	for (size_t b = 0; b < buckets; b++) {
		const size_t here = count[b];

		count[b] = sum;
		sum += here;
	}
	for (size_t i = 0; i < n; i++)
		memcpy(to + count[bucket(v + i * size, d)]++ * size, v + i * size,
		       size);
	return true;
}

enum xt_status analyse_radix(void *records, size_t n, size_t size,
			     const size_t *offsets, size_t n_offsets,
			     struct xt_err *err)
{
	const unsigned bits = n < 65536 ? 8 : 16;
	size_t *count = xt_calloc((size_t)1 << bits, sizeof(*count));
	unsigned char *tmp = xt_calloc(n + 1, size);
	unsigned char *from = records;
	unsigned char *to = tmp;
	enum xt_status rc = XT_OK;

	if (count == NULL || tmp == NULL) {
		rc = xt_fail(err, XT_E_NOMEM, "out of memory to sort %zu records", n);
		goto out;
	}
	for (size_t k = n_offsets; k-- > 0;)
		for (unsigned shift = 0; shift < 32; shift += bits) {
			const struct digit d = { offsets[k], shift, bits };
			unsigned char *other = from;

			if (!pass(to, from, n, size, &d, count))
				continue;
			from = to;
			to = other;
		}
	if (from != records)
		memcpy(records, from, n * size);
out:
	free(tmp);
	free(count);
	return rc;
}
