#include "agent/capture/brief.h"

#include <string.h>

/* One pass for both directions: a field is named once. */
struct brief_pass {
	struct buf *out; /* NULL: reading */
	const char *at, *end;
	struct arena *arena;
	bool failed;
};

static void brief_bytes(struct brief_pass *p, void *bytes, size_t length)
{
	if (p->out) {
		buf_append(p->out, bytes, length);
		return;
	}
	if (p->failed || length > (size_t)(p->end - p->at)) {
		p->failed = true;
		memset(bytes, 0, length);
		return;
	}
	memcpy(bytes, p->at, length);
	p->at += length;
}

static void brief_number(struct brief_pass *p, uint64_t *value)
{
	brief_bytes(p, value, sizeof *value);
}

static void brief_signed(struct brief_pass *p, int64_t *value)
{
	brief_bytes(p, value, sizeof *value);
}

static void brief_small(struct brief_pass *p, uint32_t *value)
{
	brief_bytes(p, value, sizeof *value);
}

static void brief_flag(struct brief_pass *p, bool *value)
{
	uint8_t byte = *value;
	brief_bytes(p, &byte, 1);
	*value = byte != 0;
}

/* NULL stays NULL. */
static void brief_text(struct brief_pass *p, const char **text)
{
	uint32_t length = p->out && *text ? (uint32_t)strlen(*text) : UINT32_MAX;
	brief_small(p, &length);
	if (p->out) {
		if (*text)
			buf_append(p->out, *text, length);
		return;
	}
	*text = NULL;
	if (p->failed || length == UINT32_MAX)
		return;
	if (length > (size_t)(p->end - p->at)) {
		p->failed = true;
		return;
	}
	*text = arena_strndup(p->arena, p->at, length);
	p->at += length;
}

/* A text that is never NULL. */
static void brief_word(struct brief_pass *p, const char **text)
{
	if (p->out && !*text)
		*text = "";
	brief_text(p, text);
	if (!*text)
		*text = "";
}

static void brief_settings(struct brief_pass *p, struct job_settings *s)
{
	brief_text(p, &s->state_dir);
	brief_word(p, &s->procfs);
	brief_word(p, &s->cgroupfs);
	brief_text(p, &s->preload_dir);
	brief_signed(p, &s->pause_max_ms);
	brief_signed(p, &s->cooldown_ms);
	brief_number(p, &s->memory_max_bytes);
	brief_number(p, &s->raw_max_bytes);
}

static void brief_order(struct brief_pass *p, struct snapshot_order *o)
{
	uint32_t kind = (uint32_t)o->kind;
	brief_number(p, &o->capture);
	brief_small(p, &kind);
	brief_small(p, &o->pid);
	brief_number(p, &o->start_ticks);
	brief_word(p, &o->service);
	brief_word(p, &o->route);
	brief_flag(p, &o->overrules);
	brief_flag(p, &o->keep_raw);
	brief_signed(p, &o->deadline_unix_ms);
	o->kind = (enum snapshot_order_kind)kind;
}

static void brief_about(struct brief_pass *p, struct brief *b)
{
	uint32_t processes = b->about.process_count ? 1 : 0;
	struct wire_process *w = &b->process;
	brief_word(p, &b->about.boot_id);
	brief_word(p, &b->about.machine_id);
	brief_word(p, &b->about.hostname);
	brief_word(p, &b->about.kernel);
	brief_small(p, &b->about.cpus);
	brief_small(p, &b->about.interval_ms);
	brief_small(p, &processes);
	brief_word(p, &w->service);
	brief_word(p, &w->version);
	brief_word(p, &w->runtime);
	brief_word(p, &w->rule);
	brief_word(p, &w->command);
	brief_small(p, &w->slot);
	brief_small(p, &w->pid);
	brief_signed(p, &w->started_unix_ms);
	brief_number(p, &w->start_ticks);
	b->about.process_count = processes ? 1 : 0;
	b->about.processes = w;
}

static void brief_all(struct brief_pass *p, struct brief *b)
{
	brief_settings(p, &b->settings);
	brief_order(p, &b->order);
	brief_about(p, b);
	brief_text(p, &b->file);
	brief_word(p, &b->actor);
}

bool brief_encode(const struct job_settings *settings, const struct job_order *order,
	struct buf *out, struct err *e)
{
	size_t start = out->length;
	uint32_t length = 0;
	struct brief b = {
		.settings = *settings,
		.order = *order->order,
		.about =
			{
				.boot_id = order->about->boot_id,
				.machine_id = order->about->machine_id,
				.hostname = order->about->hostname,
				.kernel = order->about->kernel,
				.cpus = order->about->cpus,
				.interval_ms = order->about->interval_ms,
				.process_count = order->about->process_count,
			},
		.file = order->file,
		.actor = order->actor,
	};
	if (order->about->process_count)
		b.process = order->about->processes[0];
	struct brief_pass pass = {.out = out};
	buf_append(out, &length, sizeof length);
	brief_all(&pass, &b);
	length = (uint32_t)(out->length - start - sizeof length);
	if (length > BRIEF_BYTES_MAX) {
		out->length = start;
		return err_set(e, ERR_INPUT, "the order is too long: %u bytes",
			(unsigned)length);
	}
	memcpy(out->data + start, &length, sizeof length);
	return true;
}

bool brief_decode(const void *bytes, size_t length, struct arena *a, struct brief *out,
	struct err *e)
{
	struct brief_pass pass = {
		.at = bytes, .end = (const char *)bytes + length, .arena = a};
	*out = (struct brief){0};
	brief_all(&pass, out);
	out->about.processes = &out->process;
	if (pass.failed || pass.at != pass.end)
		return err_set(e, ERR_INPUT, "the order is damaged");
	return true;
}
