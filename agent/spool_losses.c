#include "agent/spool_losses.h"

#include "agent/spool_bytes.h"

#include <stddef.h>

void spool_losses_add(
	struct spool_losses *l, enum spool_reason reason, const struct spool_loss *loss)
{
	struct spool_loss *sum = &l->of[reason];
	if (loss->batches == 0)
		return;
	if (sum->batches == 0 || loss->from_ms < sum->from_ms)
		sum->from_ms = loss->from_ms;
	if (sum->batches == 0 || loss->to_ms > sum->to_ms)
		sum->to_ms = loss->to_ms;
	sum->batches += loss->batches;
}

void spool_losses_merge(struct spool_losses *l, const struct spool_losses *other)
{
	for (int i = 0; i < SPOOL_REASONS; i++)
		spool_losses_add(l, (enum spool_reason)i, &other->of[i]);
}

void spool_losses_settle(struct spool_losses *l, const struct spool_losses *reported)
{
	for (int i = 0; i < SPOOL_REASONS; i++) {
		struct spool_loss *rest = &l->of[i];
		const struct spool_loss *done = &reported->of[i];
		if (done->batches >= rest->batches) {
			*rest = (struct spool_loss){0};
		} else if (done->batches > 0) {
			/* What is left was lost after the report was taken. */
			rest->batches -= done->batches;
			if (done->to_ms > rest->from_ms && done->to_ms <= rest->to_ms)
				rest->from_ms = done->to_ms;
		}
	}
}

bool spool_losses_any(const struct spool_losses *l)
{
	for (int i = 0; i < SPOOL_REASONS; i++)
		if (l->of[i].batches)
			return true;
	return false;
}

const char *spool_losses_reason(enum spool_reason reason)
{
	static const char *const text[SPOOL_REASONS] = {
		[SPOOL_FULL] = "spool full",
		[SPOOL_DISK] = "spool could not be written",
		[SPOOL_DAMAGED] = "spool record damaged",
		[SPOOL_UNFINISHED] = "spool record unfinished",
		[SPOOL_REFUSED] = "refused by the server",
	};
	return text[reason];
}

void spool_losses_encode(const struct spool_losses *l, uint8_t *bytes)
{
	for (int i = 0; i < SPOOL_REASONS; i++, bytes += 24) {
		spool_bytes_put64(bytes, (uint64_t)l->of[i].from_ms);
		spool_bytes_put64(bytes + 8, (uint64_t)l->of[i].to_ms);
		spool_bytes_put64(bytes + 16, l->of[i].batches);
	}
}

void spool_losses_decode(const uint8_t *bytes, struct spool_losses *out)
{
	for (int i = 0; i < SPOOL_REASONS; i++, bytes += 24) {
		out->of[i].from_ms = (int64_t)spool_bytes_get64(bytes);
		out->of[i].to_ms = (int64_t)spool_bytes_get64(bytes + 8);
		out->of[i].batches = spool_bytes_get64(bytes + 16);
	}
}
