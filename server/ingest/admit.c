#include "server/ingest/admit.h"

#include "server/store/partitions.h"
#include "server/store/streams.h"

#include <inttypes.h>
#include <time.h>

bool admit_upload(const struct wire_upload *upload, struct err *e)
{
	if (upload->protocol != WIRE_PROTOCOL)
		return err_set(e, ERR_BUSY,
			"protocol %" PRIu32
			" is not spoken here, only %d: agent and server "
			"versions are too far apart",
			upload->protocol, WIRE_PROTOCOL);
	if (upload->raw)
		return true;
	if (upload->sequence == 0 || upload->sequence > STREAMS_SEQUENCE_MAX)
		return err_set(e, ERR_INPUT, "sequence %" PRIu64 " is out of bounds",
			upload->sequence);
	if (upload->oldest > upload->sequence)
		return err_set(e, ERR_INPUT,
			"oldest %" PRIu64 " lies behind sequence %" PRIu64,
			upload->oldest, upload->sequence);
	return true;
}

int64_t admit_newest_ms(const struct wire_batch *batch)
{
	int64_t newest = 0;
	for (size_t i = 0; i < batch->tick_count; i++)
		if (batch->ticks[i].at_unix_ms > newest)
			newest = batch->ticks[i].at_unix_ms;
	return newest;
}

static uint64_t admit_count_values(const struct wire_tick *tick)
{
	uint64_t count = (uint64_t)__builtin_popcountll(tick->host.present);
	for (size_t i = 0; i < tick->sample_count; i++)
		count += (uint64_t)__builtin_popcountll(
			tick->samples[i].values.present);
	return count;
}

static int64_t admit_newest_of_all_ms(const struct wire_batch *batch)
{
	int64_t newest_ms = admit_newest_ms(batch);
	for (size_t i = 0; i < batch->snapshot_count; i++)
		if (batch->snapshots[i].is.taken_unix_ms > newest_ms)
			newest_ms = batch->snapshots[i].is.taken_unix_ms;
	for (size_t i = 0; i < batch->census_count; i++)
		if (batch->censuses[i].is.at_unix_ms > newest_ms)
			newest_ms = batch->censuses[i].is.at_unix_ms;
	for (size_t i = 0; i < batch->queue_count; i++)
		if (batch->queues[i].at_unix_ms > newest_ms)
			newest_ms = batch->queues[i].at_unix_ms;
	return newest_ms;
}

/* Takes out what was read before the oldest day that is kept. */
static void admit_queues(struct wire_batch *batch, int64_t oldest_ms)
{
	size_t kept = 0;
	for (size_t i = 0; i < batch->queue_count; i++) {
		const struct wire_queue *queue = &batch->queues[i];
		if (queue->at_unix_ms < oldest_ms)
			batch->refused_values += (uint64_t)__builtin_popcountll(
				queue->values.present);
		else
			batch->queues[kept++] = *queue;
	}
	batch->queue_count = kept;
}

bool admit_times(
	struct wire_batch *batch, int64_t now_ms, int64_t retention_ms, struct err *e)
{
	int64_t newest_ms = admit_newest_of_all_ms(batch);
	if (newest_ms > 0 && newest_ms < now_ms - retention_ms) {
		char day[16];
		time_t seconds = (time_t)(newest_ms / 1000);
		struct tm utc;
		strftime(day, sizeof day, "%Y-%m-%d", gmtime_r(&seconds, &utc));
		return err_set(e, ERR_INPUT,
			"readings of %s are older than the %" PRId64
			" days that are kept (is the agent's clock right?)",
			day, retention_ms / PARTITIONS_DAY_MS);
	}
	int64_t oldest_ms = partitions_oldest_ms(now_ms, retention_ms);
	size_t kept = 0;
	for (size_t i = 0; i < batch->tick_count; i++) {
		if (batch->ticks[i].at_unix_ms < oldest_ms)
			batch->refused_values += admit_count_values(&batch->ticks[i]);
		else
			batch->ticks[kept++] = batch->ticks[i];
	}
	batch->tick_count = kept;
	admit_queues(batch, oldest_ms);
	return true;
}
