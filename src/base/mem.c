#include <xemtrace/base.h>

#include <stdlib.h>
#include <string.h>

#include "alloc_hook.h"

static bool (*hook_allow)(void *ctx);
static void *hook_ctx;

void xt_alloc_hook_set(bool (*allow)(void *ctx), void *ctx)
{
	hook_allow = allow;
	hook_ctx = ctx;
}

static bool allowed(void)
{
	return hook_allow == NULL || hook_allow(hook_ctx);
}

/* An empty array is a real allocation, so that NULL always means "out of memory". */
void *xt_calloc(size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total) || !allowed())
		return NULL;
	return calloc(total == 0 ? 1 : total, 1);
}

void *xt_reallocarray(void *p, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total) || !allowed())
		return NULL;
	return realloc(p, total == 0 ? 1 : total);
}

char *xt_strdup(const char *s)
{
	const size_t n = strlen(s) + 1;
	char *copy = xt_calloc(n, 1);

	if (copy != NULL)
		memcpy(copy, s, n);
	return copy;
}
