/* taint/memory: large tables, and blocks of lots that come and go with every event. */
#ifndef TAINT_MEMORY_H
#define TAINT_MEMORY_H

#include <xemtrace/base.h>

/* n * size zeroed bytes; NULL: no memory. Tables of accounts are met in no order: where
 * the system has large pages, they are asked for. */
void *taint_table(size_t n, size_t size);
/* p may be NULL; n and size as before. */
void taint_table_free(void *p, size_t n, size_t size);

/* A wish for large pages where an array of the heap is large. */
void taint_wish_large(void *p, size_t n, size_t size);

#define TAINT_POOL_SIZES 32

/* Blocks of 64 << k bytes, all freed together. A freed block is the next one given. */
struct taint_pool {
	void *free[TAINT_POOL_SIZES];
	struct taint_pool_chunk *chunks;
	unsigned char *at;
	size_t left;
};
void *taint_pool_get(struct taint_pool *p, unsigned k);
void taint_pool_put(struct taint_pool *p, void *block, unsigned k);
void taint_pool_release(struct taint_pool *p);

#endif
