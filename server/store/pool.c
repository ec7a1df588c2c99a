#include "server/store/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct pool {
	pthread_mutex_t mutex;
	pthread_cond_t given;
	int connections;
	int free_count;
	bool closed;
	struct db **all;
	struct db
		*free[]; /* the first free_count; used as a stack: the warm one first */
};

struct pool *pool_create(const struct db_options *options, int connections)
{
	BUG_ON(connections < 1);
	struct pool *pool = calloc(
		1, sizeof *pool + (size_t)connections * sizeof *pool->free);
	BUG_ON(!pool);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_cond_init(&pool->given, &attributes);
	pthread_condattr_destroy(&attributes);
	pool->connections = connections;
	pool->all = calloc((size_t)connections, sizeof *pool->all);
	BUG_ON(!pool->all);
	for (int i = 0; i < connections; i++)
		pool->all[i] = pool->free[pool->free_count++] = db_create(options);
	return pool;
}

void pool_destroy(struct pool *pool)
{
	if (!pool)
		return;
	BUG_ON(pool->free_count != pool->connections);
	for (int i = 0; i < pool->connections; i++)
		db_destroy(pool->all[i]);
	free(pool->all);
	pthread_cond_destroy(&pool->given);
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
}

static struct timespec pool_deadline(int64_t timeout_ms)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += timeout_ms / 1000;
	at.tv_nsec += timeout_ms % 1000 * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_nsec -= 1000000000;
		at.tv_sec++;
	}
	return at;
}

struct db *pool_take(struct pool *pool, int64_t timeout_ms, struct err *e)
{
	struct timespec deadline = pool_deadline(timeout_ms);
	struct db *db = NULL;
	pthread_mutex_lock(&pool->mutex);
	int failed = 0;
	while (pool->free_count == 0 && !pool->closed && !failed)
		failed = pthread_cond_timedwait(&pool->given, &pool->mutex, &deadline);
	bool closed = pool->closed;
	if (pool->free_count > 0 && !closed)
		db = pool->free[--pool->free_count];
	pthread_mutex_unlock(&pool->mutex);
	if (!db && closed)
		err_set(e, ERR_BUSY, "the server is stopping");
	else if (!db)
		err_set(e, ERR_BUSY, "all %d database connections are in use",
			pool->connections);
	return db;
}

void pool_give(struct pool *pool, struct db *db)
{
	if (!db)
		return;
	db_rollback(db);
	pthread_mutex_lock(&pool->mutex);
	BUG_ON(pool->free_count == pool->connections);
	pool->free[pool->free_count++] = db;
	pthread_cond_signal(&pool->given);
	pthread_mutex_unlock(&pool->mutex);
}

void pool_close(struct pool *pool, int64_t grace_ms)
{
	struct timespec deadline = pool_deadline(grace_ms);
	int failed = 0;
	pthread_mutex_lock(&pool->mutex);
	pool->closed = true;
	pthread_cond_broadcast(&pool->given);
	while (pool->free_count < pool->connections && !failed)
		failed = pthread_cond_timedwait(&pool->given, &pool->mutex, &deadline);
	for (int i = 0; i < pool->connections && failed; i++)
		db_shut(pool->all[i]);
	pthread_mutex_unlock(&pool->mutex);
}
