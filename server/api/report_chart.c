#include "server/api/report_chart.h"

#include "server/analyse/words.h"
#include "server/api/report_doc.h"

#include <math.h>
#include <time.h>

enum {
	WIDTH = 960,
	HEIGHT = 300,
	LEFT = 78,
	RIGHT = 12,
	TOP = 12,
	BOTTOM = 34,
	TICKS = 5
};

static double report_chart_most(const struct report_chart *c)
{
	double most = 0;
	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; k < c->steps; k++)
			if (isfinite(c->lines[i].values[k]))
				most = fmax(most, c->lines[i].values[k]);
	return most;
}

/* The round step of an axis that reaches `most`: 1, 2 or 5 times a power of ten, of the
 * unit in which words_memory tells it. */
static double report_chart_tick(double most)
{
	double unit = 1;
	while (most / unit >= 1024)
		unit *= 1024;
	double raw = most / unit / (TICKS - 1);
	double power = pow(10, floor(log10(raw)));
	double part = raw / power;
	return unit * power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

static double report_chart_x(const struct report_chart *c, int64_t at_ms)
{
	double span = (double)c->steps * (double)c->step_ms;
	return LEFT + (double)(at_ms - c->from_ms) / span * (WIDTH - LEFT - RIGHT);
}

static double report_chart_y(double value, double most)
{
	return HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM);
}

static void report_chart_times(const struct report_chart *c, struct buf *out)
{
	int64_t span_ms = (int64_t)c->steps * c->step_ms;
	for (int i = 0; i < TICKS; i++) {
		int64_t at_ms = c->from_ms + span_ms * i / (TICKS - 1);
		time_t seconds = (time_t)(at_ms / 1000);
		struct tm utc;
		char text[32];
		gmtime_r(&seconds, &utc);
		strftime(text, sizeof text,
			span_ms < 86400000 ? "%H:%M" : "%-d %b %H:%M", &utc);
		buf_printf(out,
			"<text x=\"%.0f\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
			report_chart_x(c, at_ms), HEIGHT - 12,
			i == 0           ? "start"
			: i == TICKS - 1 ? "end"
					 : "middle",
			text);
	}
}

static void report_chart_line(const struct report_chart *c,
	const struct report_line *line, double most, struct buf *out)
{
	bool is_open = false;
	buf_printf(out, "<path class=\"%s\" d=\"", line->leaks ? "leak" : "calm");
	for (size_t i = 0; i < c->steps; i++) {
		if (!isfinite(line->values[i])) {
			is_open = false;
			continue;
		}
		int64_t at_ms = c->from_ms + (int64_t)i * c->step_ms + c->step_ms / 2;
		/* A lone point is a dot. */
		buf_printf(out, "%c%.1f %.1f%s", is_open ? 'L' : 'M',
			report_chart_x(c, at_ms), report_chart_y(line->values[i], most),
			is_open ? "" : "h.1");
		is_open = true;
	}
	buf_text(out, "\"><title>");
	report_doc_html(out, line->name, REPORT_NAME_MAX);
	buf_text(out, "</title></path>\n");
}

static void report_chart_mark(const struct report_chart *c, struct buf *out)
{
	double x = report_chart_x(c, c->mark_ms);
	if (!c->mark_ms || x < LEFT || x > WIDTH - RIGHT)
		return;
	buf_printf(out, "<path class=\"onset\" d=\"M%.1f %dV%d\"/>\n", x, TOP,
		HEIGHT - BOTTOM);
	buf_printf(out, "<text x=\"%.1f\" y=\"%d\">it began</text>\n", x + 4, TOP + 10);
}

void report_chart_write(const struct report_chart *c, struct arena *a, struct buf *out)
{
	double most = report_chart_most(c);
	if (!(most > 0) || !c->steps)
		return;
	double tick = report_chart_tick(most);
	most = tick * ceil(most / tick);
	buf_printf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH,
		HEIGHT);
	report_doc_html(out, c->title, REPORT_NAME_MAX);
	buf_text(out, "\">\n");
	for (double at = 0; at <= most * 1.001; at += tick) {
		double y = report_chart_y(at, most);
		buf_printf(out, "<path class=\"axis\" d=\"M%d %.1fH%d\"/>\n", LEFT, y,
			WIDTH - RIGHT);
		buf_printf(out,
			"<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
			LEFT - 8, y + 4, at > 0 ? words_memory(a, at) : "0");
	}
	report_chart_times(c, out);
	report_chart_mark(c, out);
	for (int leaks = 0; leaks <= 1; leaks++)
		for (size_t i = 0; i < c->count; i++)
			if (c->lines[i].leaks == leaks)
				report_chart_line(c, &c->lines[i], most, out);
	buf_text(out, "</svg>\n");
}
