#include "internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* More cores than this do not speed up a page of 100. */
#define MAX_THREADS 64

/* One batch at a time; workers take the next index until none is left. */
struct crawl_pool {
	pthread_mutex_t lock;
	pthread_cond_t work, idle;
	struct crawl_check *v;
	size_t n, next, busy;
	bool quit;
	pthread_t threads[MAX_THREADS];
	size_t n_threads;
};

static void check(struct crawl_check *k)
{
	k->status = nem_check_tx_take(&k->checked, k->tx, k->net, k->height, k->hash,
				      k->inner_hash, &k->err);
}

/* Take and do one check. Called and left with the lock held. */
static void step(struct crawl_pool *p)
{
	struct crawl_check *k = &p->v[p->next++];

	p->busy++;
	pthread_mutex_unlock(&p->lock);
	check(k);
	pthread_mutex_lock(&p->lock);
	p->busy--;
	if (p->next == p->n && p->busy == 0)
		pthread_cond_signal(&p->idle);
}

static void *worker(void *ctx)
{
	struct crawl_pool *p = ctx;

	pthread_mutex_lock(&p->lock);
	while (!p->quit) {
		if (p->next < p->n)
			step(p);
		else
			pthread_cond_wait(&p->work, &p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

enum xt_status crawl_pool_new(struct crawl_pool **out, unsigned threads,
			      struct xt_err *err)
{
	struct crawl_pool *p = xt_calloc(1, sizeof(*p));
	long cores = threads == 0 ? sysconf(_SC_NPROCESSORS_ONLN) : (long)threads;

	if (p == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for threads");
	if (cores > MAX_THREADS)
		cores = MAX_THREADS;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->idle, NULL);
	/* The caller is one of the workers. A thread that cannot be had only costs
	 * speed. */
	for (long i = 1; i < cores; i++)
		if (pthread_create(&p->threads[p->n_threads], NULL, worker, p) == 0)
			p->n_threads++;
	*out = p;
	return XT_OK;
}

void crawl_pool_free(struct crawl_pool *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->quit = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->n_threads; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->idle);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

void crawl_pool_run(struct crawl_pool *p, struct crawl_check *v, size_t n)
{
	pthread_mutex_lock(&p->lock);
	p->v = v;
	p->n = n;
	p->next = 0;
	p->busy = 0;
	pthread_cond_broadcast(&p->work);
	while (p->next < p->n)
		step(p);
	while (p->busy > 0)
		pthread_cond_wait(&p->idle, &p->lock);
	p->v = NULL;
	p->n = 0;
	p->next = 0;
	pthread_mutex_unlock(&p->lock);
}
