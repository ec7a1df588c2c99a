#include "agent/capture/shutter.h"

#include "agent/capture/channel.h"
#include "agent/capture/listeners.h"
#include "common/clock.h"

#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

enum { SHUTTER_PROOF_MS = 1000, SHUTTER_POLL_MS = 10, SHUTTER_CONNECT_MS = 500 };

/* `require` exists only while this runs, and closing at once crashes old versions. */
static const char shutter_expression[] =
	"(function(){var p=%d;if(p&&process.pid!==p)return 0;"
	"var R=typeof require==='function'?require:process.mainModule?"
	"process.mainModule.require.bind(process.mainModule):process.getBuiltinModule;"
	"var i=R('inspector');"
	"setTimeout(function(){try{i.close()}catch(e){}},20).unref();return 1})()";

static bool shutter_ask(const struct shutter *s, struct session *session,
	int64_t deadline_ms, struct err *e)
{
	char expression[sizeof shutter_expression + 16];
	snprintf(expression, sizeof expression, shutter_expression,
		s->is_proven ? 0 : s->facts->inner_pid);
	json_t *value;
	if (!session_evaluate(session, expression, deadline_ms, &value, e))
		return false;
	json_int_t answer = json_integer_value(value);
	json_decref(value);
	return answer == 1 ||
	       err_set(e, ERR_INPUT, "another process has answered at port %u",
		       s->target->port);
}

static bool shutter_ask_anew(
	const struct shutter *s, int64_t deadline_ms, struct err *e)
{
	struct session *session;
	if (!session_open(s->target, -1, deadline_ms, &session, e))
		return false;
	bool ok = shutter_ask(s, session, deadline_ms, e);
	session_close(session);
	return ok;
}

/* That nobody else took the port meanwhile is not for us to say. */
static bool shutter_refuses(const struct shutter *s, const struct listeners *now)
{
	if (listeners_on_port(now, s->target->port))
		return true;
	struct err ignored;
	int fd = session_connect(
		s->target, clock_mono_ms() + SHUTTER_CONNECT_MS, &ignored);
	if (fd >= 0)
		close(fd);
	return fd < 0;
}

static bool shutter_is_shut(const struct shutter *s)
{
	struct listeners now;
	struct err ignored;
	if (!listeners_read(&now, s->procfs, s->facts->pid, &ignored))
		return handle_has_ended(s->handle);
	return !listeners_find(&now, s->inode) && shutter_refuses(s, &now);
}

static bool shutter_prove(const struct shutter *s)
{
	int64_t end = clock_mono_ms() + SHUTTER_PROOF_MS;
	do {
		if (shutter_is_shut(s) || handle_has_ended(s->handle))
			return true;
		channel_sleep(-1, SHUTTER_POLL_MS);
	} while (clock_mono_ms() < end);
	return false;
}

bool shutter_close(const struct shutter *s, struct session *session,
	int64_t deadline_ms, struct err *e)
{
	bool asked = false;
	if (session) {
		session_cannot_stop(session);
		asked = session_is_usable(session) &&
			shutter_ask(s, session, deadline_ms, e);
		session_close(session);
	}
	for (;;) {
		if (asked && shutter_prove(s))
			return true;
		if (shutter_is_shut(s) || handle_has_ended(s->handle))
			return true;
		if (clock_mono_ms() >= deadline_ms)
			break;
		asked = shutter_ask_anew(s, deadline_ms, e);
		if (!asked)
			channel_sleep(-1, SHUTTER_POLL_MS);
	}
	if (asked)
		err_set(e, ERR_IO, "it was asked to, and port %u is still there",
			s->target->port);
	return err_wrap(e, "THE INSPECTOR OF PROCESS %d IS STILL OPEN", s->facts->pid);
}
