#include "server/analyse/words.h"

#include <math.h>
#include <time.h>

static const struct unit {
	const char *name;
	double kb;
} units[] = {{"KiB", 1}, {"MiB", 1 << 10}, {"GiB", 1 << 20}, {"TiB", 1 << 30}};

/* The largest unit of which the amount is at least nearly one. */
static const struct unit *unit_of(double kb)
{
	size_t i = 0;
	while (i + 1 < sizeof units / sizeof *units &&
		fabs(kb) >= 0.9995 * units[i + 1].kb)
		i++;
	return &units[i];
}

/* Two to three digits that count, and none after the point from ten on. */
static const char *number(struct arena *a, double value)
{
	return arena_printf(a, fabs(value) < 9.95 ? "%.1f" : "%.0f", value);
}

const char *words_memory(struct arena *a, double kb)
{
	const struct unit *u = unit_of(kb);
	if (u == units)
		return arena_printf(a, "%.0f KiB", kb);
	return arena_printf(a, "%s %s", number(a, kb / u->kb), u->name);
}

const char *words_rate(struct arena *a, const struct analyse_rate *rate)
{
	static const struct {
		const char *name;
		double hours;
	} per[] = {{"min", 1.0 / 60}, {"h", 1}, {"day", 24}};
	double largest = fmax(fabs(rate->kb_h), fabs(rate->high_kb_h));
	size_t i = largest >= 600 * 1024 ? 0 : largest >= 1024 ? 1 : 2;
	double value = rate->kb_h * per[i].hours;
	const struct unit *u = unit_of(value);
	double factor = per[i].hours / u->kb;
	return arena_printf(a, "%s %s/%s (%s to %s)", number(a, rate->kb_h * factor),
		u->name, per[i].name, number(a, rate->low_kb_h * factor),
		number(a, rate->high_kb_h * factor));
}

const char *words_span(struct arena *a, int64_t ms)
{
	long long s = (ms + 500) / 1000;
	if (s < 90)
		return arena_printf(a, "%lld s", s);
	long long min = (s + 30) / 60;
	if (min < 90)
		return arena_printf(a, "%lld min", min);
	long long h = min / 60;
	if (h < 10 && min % 60)
		return arena_printf(a, "%lld h %lld min", h, min % 60);
	h = (min + 30) / 60;
	if (h < 48)
		return arena_printf(a, "%lld h", h);
	return arena_printf(a, "%lld days", (h + 12) / 24);
}

const char *words_time(struct arena *a, int64_t at_ms, int64_t now_ms)
{
	time_t seconds = (time_t)(at_ms / 1000);
	struct tm utc;
	gmtime_r(&seconds, &utc);
	char text[32];
	bool recent = now_ms - at_ms < 20 * 3600 * 1000LL;
	strftime(text, sizeof text, recent ? "%H:%M UTC" : "%-d %b %H:%M UTC", &utc);
	return arena_strdup(a, text);
}

const char *words_version(const char *version)
{
	return version && *version ? version : "unknown version";
}

const char *words_count(struct arena *a, size_t count, const char *noun)
{
	return arena_printf(a, "%zu %s%s", count, noun, count == 1 ? "" : "s");
}
