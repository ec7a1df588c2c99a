#include "agent/capture/ways.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const ways_names[WAYS] = {"preload", "inspector", "signal", "jvm"};

const char *ways_name(enum way way)
{
	return way < WAYS ? ways_names[way] : "none";
}

enum way ways_parse(const char *name)
{
	for (int i = 0; i < WAYS; i++) {
		if (strcmp(ways_names[i], name) == 0)
			return (enum way)i;
	}
	return WAYS;
}

static void __attribute__((format(printf, 3, 4)))
ways_put(struct ways_one *c, bool works, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(c->why, sizeof c->why, format, args);
	va_end(args);
	c->works = works;
}

static void ways_look_inspector(
	const struct facts *f, bool is_self_handled, struct ways_one *c)
{
	if (f->flags.inspect)
		ways_put(c, true, "its inspector is open already, by --inspect");
	else if (f->flags.disable_sigusr1)
		ways_put(c, false, "it was started with --disable-sigusr1");
	else if (f->flags.permission)
		ways_put(c, false,
			"it was started with --permission, under which no inspector "
			"opens");
	else if (is_self_handled)
		ways_put(c, false,
			"this service has answered SIGUSR1 with something of its own "
			"before, and no inspector opened (noted in the file 'captures' "
			"of the state directory)");
	else if (!facts_catches(f, SIGUSR1))
		ways_put(c, false, "it does not catch SIGUSR1, which would end it");
	else
		ways_put(c, true, "it catches SIGUSR1, which opens its inspector");
}

static void ways_look_signal(const struct facts *f, struct ways_one *c)
{
	if (!f->flags.heap_signal)
		ways_put(c, false, "it was started without --heapsnapshot-signal");
	else if (!facts_catches(f, f->flags.heap_signal))
		ways_put(c, false, "it does not catch its --heapsnapshot-signal");
	else
		ways_put(c, true,
			"it was started with --heapsnapshot-signal and writes a file");
}

void ways_look(
	const struct facts *facts, bool is_jvm, bool is_self_handled, struct ways *out)
{
	*out = (struct ways){0};
	for (int i = 0; i < WAY_JVM; i++)
		ways_put(&out->of[i], false, "'%s' is not Node.js", facts->program);
	if (facts->is_node) {
		ways_put(&out->of[WAY_PRELOAD], true,
			"its preload socket needs no signal and no port");
		ways_look_inspector(facts, is_self_handled, &out->of[WAY_INSPECTOR]);
		ways_look_signal(facts, &out->of[WAY_SIGNAL]);
	}
	if (is_jvm)
		ways_put(&out->of[WAY_JVM], true,
			"a Java machine counts its classes itself");
	else
		ways_put(&out->of[WAY_JVM], false,
			"'%s' is not a Java machine that can be attached to",
			facts->program);
}

enum way ways_next(const struct ways *ways, enum way from)
{
	int i = from;
	while (i < WAYS && !ways->of[i].works)
		i++;
	return (enum way)i;
}

void ways_others(const struct ways *ways, enum way but, char out[WAYS_WHY_MAX])
{
	size_t at = 0;
	snprintf(out, WAYS_WHY_MAX, "none");
	for (int i = 0; i < WAYS; i++) {
		if (i != (int)but && ways->of[i].works)
			at += (size_t)snprintf(out + at, WAYS_WHY_MAX - at, "%s%s%s",
				at ? ", " : "", ways_names[i],
				i == WAY_PRELOAD ? " (if it was set up)" : "");
	}
}
