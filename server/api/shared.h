/*
 * Shared: what all requests of one API share.  Constant after start, but for the parts
 * that guard themselves.
 */
#ifndef TIDEMARK_SERVER_API_SHARED_H
#define TIDEMARK_SERVER_API_SHARED_H

#include "server/api/api.h"
#include "server/api/http.h"
#include "server/api/live.h"
#include "server/api/packages.h"
#include "server/api/tally.h"
#include "server/api/throttle.h"
#include "server/store/pool.h"
#include "server/store/sizes.h"

#include <pthread.h>
#include <stdatomic.h>

struct api_shared {
	struct api_options options;
	struct pool *pool;
	struct pool *limited; /* connections that show some services alone */
	struct http *http;
	struct tls *tls; /* NULL: plain HTTP */
	struct clients *clients;
	struct live *live;
	struct throttle *throttle;
	struct tally *tally;
	struct packages *packages;
	pthread_mutex_t sizes_lock;
	struct sizes sizes; /* guarded by the lock; measured at, 0: never */
	int64_t sizes_at_ms;
	atomic_int heavy_calls; /* see call_take_turn */
	atomic_int downloads;   /* raw files on their way out */
	struct downloads *package_downloads;
};

#endif
