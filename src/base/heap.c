#include <xemtrace/base.h>

#include <stdlib.h>

void xt_heap_init(struct xt_heap *h)
{
	*h = (struct xt_heap){ 0 };
}

void xt_heap_release(struct xt_heap *h)
{
	free(h->v);
	*h = (struct xt_heap){ 0 };
}

static bool before(const struct xt_heap_item *a, const struct xt_heap_item *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	if (a->tie != b->tie)
		return a->tie < b->tie;
	return a->id < b->id;
}

enum xt_status xt_heap_push(struct xt_heap *h, struct xt_heap_item item,
			    struct xt_err *err)
{
	size_t i;

	if (h->len == h->cap) {
		const size_t cap = h->cap == 0 ? 16 : h->cap * 2;
		struct xt_heap_item *v = xt_reallocarray(h->v, cap, sizeof(*v));

		if (v == NULL)
			return xt_fail(err, XT_E_NOMEM,
				       "out of memory for a heap of %zu", cap);
		h->v = v;
		h->cap = cap;
	}
	for (i = h->len++; i > 0 && before(&item, &h->v[(i - 1) / 2]); i = (i - 1) / 2)
		h->v[i] = h->v[(i - 1) / 2];
	h->v[i] = item;
	return XT_OK;
}

bool xt_heap_pop(struct xt_heap *h, struct xt_heap_item *out)
{
	struct xt_heap_item last;
	size_t i = 0;

	if (h->len == 0)
		return false;
	*out = h->v[0];
	last = h->v[--h->len];
	for (size_t kid = 1; kid < h->len; kid = 2 * i + 1) {
		if (kid + 1 < h->len && before(&h->v[kid + 1], &h->v[kid]))
			kid++;
		if (!before(&h->v[kid], &last))
			break;
		h->v[i] = h->v[kid];
		i = kid;
	}
	h->v[i] = last;
	return true;
}
