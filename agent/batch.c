#include "agent/batch.h"

#include "schema/wire.h"

/* Readings [first, first + count) of a tick. */
struct batch_part {
	const struct processes_tick *tick;
	size_t first, count;
	int64_t at_unix_ms;
};

/* Samples count processes from the start of their own batch: renumbers in place. */
static struct wire_sample *batch_samples(const struct batch_part *part)
{
	struct wire_sample *samples = part->tick->samples + part->first;
	for (size_t i = 0; i < part->count; i++)
		samples[i].process = (uint32_t)i;
	return samples;
}

static bool batch_encode(const struct batch_host *host, const struct batch_part *part,
	struct spool *spool, struct buf *out)
{
	struct wire_gap gaps[SPOOL_GAPS_MAX];
	struct wire_tick tick = {
		.at_unix_ms = part->at_unix_ms,
		.samples = batch_samples(part),
		.sample_count = part->count,
	};
	struct wire_batch batch = batch_about(
		host, part->tick->processes + part->first);
	batch.process_count = part->count;
	batch.ticks = &tick;
	batch.tick_count = 1;
	batch.gaps = gaps;
	if (part->first == 0) {
		tick.host = part->tick->host;
		batch.gap_count = spool_take_gaps(spool, gaps);
	}
	struct err e;
	return wire_batch_encode(&batch, out, &e);
}

/* Encodes the part, halving it until it fits; returns false only when a single
 * process does not. */
static bool batch_fit(const struct batch_host *host, struct batch_part *part,
	struct spool *spool, struct buf *out)
{
	for (;;) {
		buf_reset(out);
		if (batch_encode(host, part, spool, out))
			return true;
		if (part->count <= 1)
			return false;
		part->count /= 2;
	}
}

bool batch_append(const struct batch_host *host, const struct processes_tick *tick,
	int64_t at_unix_ms, struct spool *spool, struct err *e)
{
	struct buf bytes = {0};
	size_t done = 0;
	bool ok = true;
	/* Also behind a part that was lost, which the spool has counted. */
	do {
		struct batch_part part = {tick, done, tick->count - done, at_unix_ms};
		BUG_ON(!batch_fit(host, &part, spool, &bytes));
		uint64_t sequence;
		struct err failed;
		if (!spool_append(spool, bytes.data, bytes.length, at_unix_ms,
			    &sequence, &failed)) {
			*e = failed;
			ok = false;
		}
		done += part.count;
	} while (done < tick->count);
	buf_finish(&bytes);
	return ok;
}

struct wire_batch batch_about(
	const struct batch_host *host, struct wire_process *process)
{
	return (struct wire_batch){
		.boot_id = host->boot_id,
		.machine_id = host->machine_id,
		.hostname = host->hostname,
		.kernel = host->kernel,
		.cpus = host->cpus,
		.interval_ms = host->interval_ms,
		.processes = process,
		.process_count = process ? 1 : 0,
	};
}
