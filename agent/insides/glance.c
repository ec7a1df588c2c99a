#include "agent/insides/glance.h"

#include "agent/capture/memory.h"
#include "agent/capture/opened.h"
#include "agent/capture/turn.h"
#include "agent/insides/asking.h"
#include "census.h"
#include "common/buf.h"
#include "common/clock.h"
#include "common/log.h"

#include <jansson.h>

enum {
	GLANCE_STATISTICS_MS = 2000,
	GLANCE_CENSUS_MS = 60000,
	GLANCE_LOCK_MS = 200,
};

/* Our own function, called with what the process has in the place of `require`. */
static const char glance_call[] =
	"(function(){var R=typeof require==='function'?require:process.mainModule?"
	"process.mainModule.require.bind(process.mainModule):process.getBuiltinModule;"
	"%s return census(R,'%s')})()";

static bool glance_count(
	struct door *d, struct headcount *t, struct arena *a, struct err *e)
{
	bool ok = true;
	for (int i = 0; ok && i < HEADCOUNT_KINDS; i++) {
		struct buf expression = {0};
		json_t *value;
		if (!headcount_wants(t, i))
			continue;
		buf_printf(&expression, glance_call, census_js, headcount_kinds[i]);
		buf_byte(&expression, '\0');
		ok = door_evaluate(d, expression.data, GLANCE_CENSUS_MS, &value, e);
		buf_finish(&expression);
		if (ok) {
			ok = headcount_add(t, value, a, e);
			json_decref(value);
		}
		ok = ok || headcount_goes_on(t, i, e);
	}
	return ok;
}

static bool glance_ask(struct glance *g, struct door *d, struct door_statistics *s,
	struct headcount *t, struct arena *a, struct err *e)
{
	if (!door_statistics(d, s, e))
		return false;
	g->pause_us = s->last_reading_us > 0 ? s->last_reading_us : 0;
	if (!t)
		return true;
	bool ok = glance_count(d, t, a, e);
	if ((int64_t)t->longest_us > g->pause_us)
		g->pause_us = (int64_t)t->longest_us;
	return ok;
}

static void glance_closed(void *context, bool closed, const char *words)
{
	(void)context;
	log_line(closed ? LOG_WARN : LOG_ERROR, "%s", words);
}

static bool glance_door(struct glance *g, struct door_statistics *s,
	struct headcount *t, struct arena *a, struct err *e)
{
	const struct door_options options = {.route = DOOR_INSPECTOR,
		.procfs = g->procfs,
		.facts = g->facts,
		.stop_fd = g->stop_fd,
		.lock_ms = GLANCE_LOCK_MS,
		.statistics_ms = GLANCE_STATISTICS_MS};
	const struct opened opened = {.state_dir = g->state_dir,
		.procfs = g->procfs,
		.report = glance_closed};
	/* What a reading before this one, or a capture, could not close. */
	opened_close(&opened);
	if (!opened_note(&opened, g->facts, e))
		return false;
	struct door *d = door_create(&options);
	struct err closing;
	bool ok = door_open(d, e);
	g->refusal = door_refusal(d);
	g->is_signalled = ok || g->refusal == DOOR_SELF_HANDLED ||
			  g->refusal == DOOR_SILENT;
	if (ok) {
		ok = glance_ask(g, d, s, t, a, e);
		if (!door_close(d, &closing)) {
			g->refusal = door_refusal(d);
			*e = closing;
			ok = false;
		}
	}
	/* A silent one may open it late: the note stays for whoever closes it. */
	if (!door_owes_closing(d) && g->refusal != DOOR_SILENT)
		opened_settle(&opened, g->facts);
	door_destroy(d);
	return ok;
}

bool glance_read(struct glance *g, struct door_statistics *s, struct headcount *count,
	struct arena *a, struct err *e)
{
	struct memory memory = {0};
	struct turn turn;
	int64_t begun_us = asking_cpu_us();
	g->refusal = DOOR_NO_REFUSAL;
	g->is_signalled = false;
	g->pause_us = 0;
	memory_read(g->state_dir, g->service, &memory);
	if (memory.self_handled_unix_ms > 0) {
		g->refusal = DOOR_SELF_HANDLED;
		return err_set(e, ERR_INPUT,
			"the service handles SIGUSR1 itself: its inspector is never "
			"asked for again");
	}
	if (!turn_take(&turn, e))
		return false;
	bool ok = glance_door(g, s, count, a, e);
	turn_give(&turn);
	if (g->refusal == DOOR_SELF_HANDLED) {
		struct err ignored;
		memory = (struct memory){.self_handled_unix_ms = clock_unix_ms()};
		memory_write(g->state_dir, g->service, &memory, &ignored);
	}
	g->cpu_us = asking_cpu_us() - begun_us;
	return ok;
}
