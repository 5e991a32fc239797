#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LARGE_PAGE  ((size_t)2 << 20)
#define CHUNK_FIRST ((size_t)64 << 10)
#define CHUNK_MAX   ((size_t)32 << 20)

void *taint_table(size_t n, size_t size)
{
	if (n < LARGE_PAGE / size)
		return xt_calloc(n, size);
	if (n > (SIZE_MAX - LARGE_PAGE) / size)
		return NULL;
	void *p = mmap(NULL, n * size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
#ifdef MADV_HUGEPAGE
	(void)madvise(p, n * size, MADV_HUGEPAGE); /* a wish; it works without */
#endif
	return p;
}

void taint_table_free(void *p, size_t n, size_t size)
{
	if (n < LARGE_PAGE / size)
		free(p);
	else if (p)
		(void)munmap(p, n * size);
}

void taint_wish_large(void *p, size_t n, size_t size)
{
#ifdef MADV_HUGEPAGE
	if (!p || n < 2 * LARGE_PAGE / size)
		return;
	const size_t before = (size_t)(-(uintptr_t)p & (LARGE_PAGE - 1));
	const size_t pages = (n * size - before) / LARGE_PAGE;
	(void)madvise((uint8_t *)p + before, pages * LARGE_PAGE, MADV_HUGEPAGE);
#else
	(void)p, (void)n, (void)size;
#endif
}

struct taint_pool_chunk {
	struct taint_pool_chunk *next;
	size_t size;
	unsigned char pad[48]; /* blocks begin at lines of the cache */
};
_Static_assert(sizeof(struct taint_pool_chunk) == 64, "blocks are aligned");

static bool chunk(struct taint_pool *p, size_t need)
{
	size_t size = p->chunks ? p->chunks->size * 2 : CHUNK_FIRST;
	if (size > CHUNK_MAX)
		size = CHUNK_MAX;
	if (size < need + sizeof(*p->chunks))
		size = need + sizeof(*p->chunks);
	struct taint_pool_chunk *c = taint_table(size, 1);
	if (!c)
		return false;
	c->size = size;
	c->next = p->chunks;
	p->chunks = c;
	p->at = (unsigned char *)(c + 1);
	p->left = size - sizeof(*c);
	return true;
}

void *taint_pool_get(struct taint_pool *p, unsigned k)
{
	const size_t size = (size_t)64 << k;
	void *block = p->free[k];
	if (block) {
		memcpy(&p->free[k], block, sizeof(void *));
		return block;
	}
	if (p->left < size && !chunk(p, size))
		return NULL;
	block = p->at;
	p->at += size;
	p->left -= size;
	return block;
}

void taint_pool_put(struct taint_pool *p, void *block, unsigned k)
{
	memcpy(block, &p->free[k], sizeof(void *));
	p->free[k] = block;
}

void taint_pool_release(struct taint_pool *p)
{
	while (p->chunks) {
		struct taint_pool_chunk *c = p->chunks;
		p->chunks = c->next;
		taint_table_free(c, c->size, 1);
	}
}
