/*
 * Shared: what all requests of one API share.  Constant after start, but for the parts
 * that guard themselves.
 */
#ifndef TIDEMARK_SERVER_API_SHARED_H
#define TIDEMARK_SERVER_API_SHARED_H

#include "server/api/api.h"
#include "server/api/http.h"
#include "server/api/live.h"
#include "server/api/tally.h"
#include "server/api/throttle.h"
#include "server/store/pool.h"

#include <stdatomic.h>

struct api_shared {
	struct api_options options;
	struct pool *pool;
	struct http *http;
	struct live *live;
	struct throttle *throttle;
	struct tally *tally;
	atomic_int heavy_calls; /* see call_take_turn */
	atomic_int downloads;   /* raw files on their way out */
};

#endif
