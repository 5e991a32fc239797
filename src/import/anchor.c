#include "internal.h"

#include <stdlib.h>

enum xt_status anchors_add(struct anchors *a, int64_t time, uint64_t height,
			   struct xt_err *err)
{
	if (a->n == a->cap) {
		const size_t cap = a->cap ? 2 * a->cap : 64;
		struct anchor *v = xt_reallocarray(a->v, cap, sizeof(*v));
		if (!v)
			return xt_fail(err, XT_E_NOMEM, "import: out of memory");
		a->v = v;
		a->cap = cap;
	}
	a->v[a->n++] = (struct anchor){ time, height };
	return XT_OK;
}

static int by_time(const void *x, const void *y)
{
	const struct anchor *a = x, *b = y;
	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->height < b->height ? -1 : a->height > b->height;
}

void anchors_finish(struct anchors *a)
{
	size_t n = 0;
	if (a->n)
		qsort(a->v, a->n, sizeof(*a->v), by_time);
	for (size_t i = 0; i < a->n; i++)
		if (n == 0 || (a->v[i].height > a->v[n - 1].height &&
			       a->v[i].time > a->v[n - 1].time))
			a->v[n++] = a->v[i];
	a->n = n;
}

/* The last anchor at or before `time`; a->n if there is none. */
static size_t floor_of(const struct anchors *a, int64_t time)
{
	size_t lo = 0, hi = a->n;
	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		if (a->v[mid].time <= time)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? lo - 1 : a->n;
}

uint64_t anchors_height(const struct anchors *a, int64_t time)
{
	const int64_t mean = nem_height_estimate(time);
	if (a->n == 0)
		return (uint64_t)mean;
	const size_t i = floor_of(a, time);
	const bool before = i == a->n;
	const struct anchor *base = before ? &a->v[0] : &a->v[i];
	const struct anchor *next = before ? base : i + 1 < a->n ? &a->v[i + 1] : NULL;
	int64_t h = (int64_t)base->height + mean - nem_height_estimate(base->time);
	/* Strictly before the next known block, and not before the last one. */
	if (next && h >= (int64_t)next->height)
		h = (int64_t)next->height - 1;
	if (!before && h < (int64_t)base->height)
		h = (int64_t)base->height;
	if (h > UINT32_MAX)
		h = UINT32_MAX;
	return h < 1 ? 1 : (uint64_t)h;
}
