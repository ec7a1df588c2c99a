#include "tests/fleet/simulate/set.h"

#include "tests/fleet/simulate/process.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <zlib.h>

static const char label_columns[] =
	"series_id,file,service,host,scenario,runtime,heap_info,leak,cause,onset_ts,"
	"end_ts,"
	"rate_pct_per_h,limit_kb,dt_s,hours,version,oom_restarts\n";
static const char series_columns[] =
	"ts,rss_kb,heap_used_kb,heap_total_kb,post_gc_kb,gc_count,req_s,q_in_s,q_out_s,"
	"q_depth,uptime_s,ver\n";

static bool make_folder(const char *path, struct err *e)
{
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		return err_errno(e, "%s", path);
	return true;
}

bool set_open(struct set *s, const char *dir, struct err *e)
{
	char path[600];

	*s = (struct set){0};
	snprintf(s->dir, sizeof(s->dir), "%s", dir);
	snprintf(path, sizeof(path), "%s/series", s->dir);
	if (!make_folder(s->dir, e) || !make_folder(path, e))
		return false;
	snprintf(path, sizeof(path), "%s/labels.csv", s->dir);
	s->labels = fopen(path, "w");
	if (s->labels == NULL)
		return err_errno(e, "%s", path);
	fputs(label_columns, s->labels);
	return true;
}

static int format_sample(char *out, size_t room, const struct process_sample *p)
{
	return snprintf(out, room,
		"%lld,%.0f,%.0f,%.0f,%.0f,%lld,%.4g,%.4g,%.4g,%.0f,%lld,%d\n",
		(long long)p->ts, 4 * round(p->rss_kb / 4), p->heap_used_kb,
		p->heap_total_kb, p->post_gc_kb, (long long)p->gc_count, p->req_s,
		p->q_in_s, p->q_out_s, p->q_depth, (long long)p->uptime_s, p->version);
}

struct outcome {
	int64_t end_ts;
	int version;
};

static struct outcome write_series(struct process *p, gzFile out)
{
	static char text[1 << 16];
	struct outcome seen = {0};
	struct process_sample sample;
	size_t used = 0;

	gzwrite(out, series_columns, sizeof(series_columns) - 1);
	while (process_step(p, &sample)) {
		if (sample.missing)
			continue;
		used += (size_t)format_sample(
			text + used, sizeof(text) - used, &sample);
		if (used > sizeof(text) - 512) {
			gzwrite(out, text, (unsigned)used);
			used = 0;
		}
		seen.end_ts = sample.ts;
		if (sample.version > seen.version)
			seen.version = sample.version;
	}
	gzwrite(out, text, (unsigned)used);
	return seen;
}

static double leak_rate(const struct process *p)
{
	const struct recipe *r = p->recipe;

	if (r->leak.mode == RECIPE_LEAK_IN_QUEUE)
		return r->queue.item_pct * r->queue.arrivals_per_s * r->queue.excess *
		       3.6;
	return p->leaking_h > 0 ? p->leaked_total / p->leaking_h : 0;
}

static void write_label(struct set *s, const char *service, const struct process *p,
	const struct outcome *seen)
{
	const struct recipe *r = p->recipe;
	bool leaks = r->leak.mode != RECIPE_LEAK_NONE;
	char onset[32] = "", rate[32] = "";

	if (leaks) {
		int64_t steps = (int64_t)ceil(r->leak.onset_h * 3600 / r->dt_s);

		snprintf(onset, sizeof(onset), "%lld",
			(long long)(r->start_s + steps * r->dt_s));
		snprintf(rate, sizeof(rate), "%.4f", leak_rate(p));
	}
	fprintf(s->labels,
		"s%04d,series/"
		"s%04d.csv.gz,%s,host-%03d,%s,%s,%d,%d,%s,%s,%lld,%s,%.0f,%d,"
		"%.4g,%d,%d\n",
		s->count, s->count, service, s->count, r->scenario,
		r->heap.managed ? "gc" : "native", r->heap.managed && r->heap.hook,
		leaks, leaks ? r->cause : "none", onset, (long long)seen->end_ts, rate,
		r->limit_kb, r->dt_s, r->hours, seen->version, p->oom_restarts);
}

void set_add(struct set *s, const struct recipe *r, const char *service)
{
	struct process process;
	struct outcome seen;
	char path[600];
	gzFile out;

	if (s->failed)
		return;
	snprintf(path, sizeof(path), "%s/series/s%04d.csv.gz", s->dir, s->count);
	out = gzopen(path, "wb3");
	if (out == NULL) {
		s->failed = !err_errno(&s->err, "%s", path);
		return;
	}
	process_init(&process, r);
	seen = write_series(&process, out);
	if (gzclose(out) != Z_OK)
		s->failed = !err_set(&s->err, ERR_IO, "%s cannot be written", path);
	write_label(s, service, &process, &seen);
	s->count++;
}

bool set_close(struct set *s, struct err *e)
{
	if (fclose(s->labels) != 0 && !s->failed)
		return err_errno(e, "%s/labels.csv", s->dir);
	if (s->failed) {
		*e = s->err;
		return false;
	}
	return true;
}
