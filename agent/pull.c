#include "agent/pull.h"

void pull_init(struct pull *p, const char *state_dir)
{
	*p = (struct pull){.state_dir = state_dir};
}

static void pull_rest(struct pull *p)
{
	if (p->is_open)
		raw_close(&p->raw);
	buf_finish(&p->bytes);
	pull_init(p, p->state_dir);
}

void pull_finish(struct pull *p)
{
	pull_rest(p);
}

void pull_order(struct pull *p, const struct snapshot_order *order)
{
	struct err e;
	bool goes_on = p->capture == order->capture;
	if ((p->capture && !goes_on) || p->is_missing ||
		(goes_on && p->next == order->part_from))
		return;
	pull_rest(p);
	p->capture = order->capture;
	p->next = order->part_from;
	p->to = order->part_to;
	p->is_open = raw_open(p->state_dir, order->capture, &p->raw, &e);
	p->is_missing = !p->is_open && e.kind == ERR_INPUT;
	if (p->is_open && p->to > p->raw.parts)
		p->to = p->raw.parts;
	if (!p->is_missing && (!p->is_open || p->next >= p->to))
		pull_rest(p);
}

static bool pull_read(struct pull *p)
{
	struct err e;
	buf_reset(&p->bytes);
	if (raw_part(&p->raw, p->next, &p->bytes, &p->part, &e))
		return true;
	p->is_missing = e.kind == ERR_INPUT;
	return false;
}

const struct snapshot_raw_part *pull_part(struct pull *p)
{
	if (!p->capture || p->has_part)
		return p->capture ? &p->part : NULL;
	if (!p->is_missing && !pull_read(p) && !p->is_missing) {
		pull_rest(p);
		return NULL;
	}
	if (p->is_missing)
		p->part = (struct snapshot_raw_part){.capture = p->capture};
	p->has_part = true;
	return &p->part;
}

void pull_sent(struct pull *p)
{
	p->has_part = false;
	if (p->is_missing || ++p->next >= p->to)
		pull_rest(p);
}

void pull_stop(struct pull *p, uint64_t capture)
{
	if (p->capture == capture)
		pull_rest(p);
}
