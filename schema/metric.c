#include "schema/metric.h"

#include <string.h>

/* clang-format off */
const struct metric metric_process[METRIC_PROCESS_COUNT] = {
#define METRIC_IN_PROCESS(...) __VA_ARGS__
#define METRIC_IN_HOST(...)
#define METRIC_IN_QUEUE(...)
#define METRIC(scope, name, column, kind, unit, help)                                    \
	METRIC_IN_##scope({#name, #column, METRIC_##kind, #unit, help},)
#include "schema/metric.def"
#undef METRIC
#undef METRIC_IN_QUEUE
#undef METRIC_IN_HOST
#undef METRIC_IN_PROCESS
};

const struct metric metric_host[METRIC_HOST_COUNT] = {
#define METRIC_IN_PROCESS(...)
#define METRIC_IN_HOST(...) __VA_ARGS__
#define METRIC_IN_QUEUE(...)
#define METRIC(scope, name, column, kind, unit, help)                                    \
	METRIC_IN_##scope({#name, #column, METRIC_##kind, #unit, help},)
#include "schema/metric.def"
#undef METRIC
#undef METRIC_IN_QUEUE
#undef METRIC_IN_HOST
#undef METRIC_IN_PROCESS
};

const struct metric metric_queue[METRIC_QUEUE_COUNT] = {
#define METRIC_IN_PROCESS(...)
#define METRIC_IN_HOST(...)
#define METRIC_IN_QUEUE(...) __VA_ARGS__
#define METRIC(scope, name, column, kind, unit, help)                                    \
	METRIC_IN_##scope({#name, #column, METRIC_##kind, #unit, help},)
#include "schema/metric.def"
#undef METRIC
#undef METRIC_IN_QUEUE
#undef METRIC_IN_HOST
#undef METRIC_IN_PROCESS
};
/* clang-format on */

int64_t metric_maximum(const struct metric *m)
{
	return strcmp(m->column, "int4") == 0 ? INT32_MAX : INT64_MAX;
}
