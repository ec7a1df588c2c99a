#include "server/commands.h"

#include "common/log.h"
#include "server/replay/answer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command_backtest {
	const char *folder, *labels_path;
	bool json, score;
	double stretch;
	enum analyse_sensitivity sensitivity;
	struct arena arena;
	struct labels labels;
	struct record *records;
	struct labels_truth *truths; /* NULL: nobody asked */
	int64_t origin_ms;           /* the first reading of all */
};

static int command_backtest_usage(void)
{
	fprintf(stderr,
		"usage: tidemark-server backtest DIR [--json] [--score] [--stretch N]\n"
		"           [--from-labels FILE] [--sensitivity calm|normal|eager]\n\n"
		"Replays the series of DIR/labels.csv through the detector and says "
		"what it\n"
		"would have raised, and when.\n\n"
		"  --json         a line of JSON for each series, then for each "
		"service\n"
		"  --score        hold it against the truth that the labels tell\n"
		"  --stretch N    let each second of the recordings last N seconds\n"
		"  --from-labels  another list of series than DIR/labels.csv\n");
	return 2;
}

static bool command_backtest_value(struct command_backtest *b, const char *option,
	const char *value, struct err *e)
{
	static const char *const words[] = {"calm", "normal", "eager"};
	if (strcmp(option, "--from-labels") == 0) {
		b->labels_path = value;
		return true;
	}
	if (strcmp(option, "--stretch") == 0) {
		char *end;
		b->stretch = strtod(value, &end);
		return (*value && !*end && b->stretch >= 1e-3 && b->stretch <= 1e5) ||
		       err_set(e, ERR_INPUT,
			       "--stretch: must be a number from 0.001 to 100000");
	}
	for (int i = 0; i < 3; i++) {
		if (strcmp(value, words[i]) != 0)
			continue;
		b->sensitivity = (enum analyse_sensitivity)i;
		return true;
	}
	return err_set(e, ERR_INPUT, "--sensitivity: must be calm, normal or eager");
}

static bool command_backtest_arguments(
	struct command_backtest *b, int argc, char **argv, struct err *e)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			b->json = true;
		} else if (strcmp(argv[i], "--score") == 0) {
			b->score = true;
		} else if (strcmp(argv[i], "--stretch") == 0 ||
			   strcmp(argv[i], "--from-labels") == 0 ||
			   strcmp(argv[i], "--sensitivity") == 0) {
			if (i + 1 == argc)
				return err_set(
					e, ERR_INPUT, "%s: needs a value", argv[i]);
			if (!command_backtest_value(b, argv[i], argv[i + 1], e))
				return false;
			i++;
		} else if (argv[i][0] == '-' || b->folder) {
			return err_set(e, ERR_INPUT, "what is '%s'?", argv[i]);
		} else {
			b->folder = argv[i];
		}
	}
	return b->folder || err_set(e, ERR_INPUT, "which folder?");
}

static void command_backtest_report(const char *file, const struct csv_faults *f)
{
	if (f->rows > 0)
		log_warn("%s: %zu row%s left out; the first: %s", file, f->rows,
			f->rows == 1 ? " is" : "s are", f->first);
}

static bool command_backtest_read(struct command_backtest *b, struct err *e)
{
	if (!b->labels_path)
		b->labels_path = arena_printf(&b->arena, "%s/labels.csv", b->folder);
	if (!labels_read(b->labels_path, &b->arena, &b->labels, e))
		return false;
	command_backtest_report(b->labels_path, &b->labels.faults);
	if (b->score && !labels_read_truths(
				b->labels_path, &b->labels, &b->arena, &b->truths, e))
		return false;
	b->records = arena_array(&b->arena, b->labels.count, sizeof *b->records);
	b->origin_ms = INT64_MAX;
	for (size_t i = 0; i < b->labels.count; i++) {
		const struct labels_series *s = &b->labels.items[i];
		if (!record_read(b->folder, s, &b->records[i], e))
			return err_wrap(e, "%s:%" PRId64, b->labels_path, s->line);
		command_backtest_report(s->file, &b->records[i].faults);
		int64_t first_ms = b->records[i].rows[0].reading.at_ms;
		b->origin_ms = first_ms < b->origin_ms ? first_ms : b->origin_ms;
	}
	for (size_t i = 0; i < b->labels.count && b->stretch != 1; i++)
		record_stretch(&b->records[i], b->origin_ms, b->stretch);
	return true;
}

static void command_backtest_score(const struct command_backtest *b,
	const struct replay_input *in, const struct replay_result *result,
	struct buf *out)
{
	static const enum analyse_level levels[] = {ANALYSE_CONFIRMED, ANALYSE_EARLY};
	const struct score_input input = {
		.replayed = in,
		.result = result,
		.truths = b->truths,
		.origin_ms = b->origin_ms,
		.stretch = b->stretch,
	};
	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		struct arena a;
		struct score_level score;
		arena_init(&a);
		score_level(&input, levels[i], &a, &score);
		(b->json ? answer_score_json : answer_score_text)(&score, out);
		arena_finish(&a);
	}
}

static bool command_backtest_run(struct command_backtest *b, struct err *e)
{
	struct replay_result result;
	struct buf out = {0};
	if (!command_backtest_read(b, e))
		return false;
	const struct replay_input in = {
		.series = b->labels.items,
		.records = b->records,
		.count = b->labels.count,
		.sensitivity = b->sensitivity,
	};
	replay_run(&in, &b->arena, &result);
	if (result.refused > 0)
		log_warn("%zu readings could not be used", result.refused);
	(b->json ? answer_json : answer_text)(&in, &result, &out);
	if (b->score)
		command_backtest_score(b, &in, &result, &out);
	bool ok = fwrite(out.data, 1, out.length, stdout) == out.length &&
		  fflush(stdout) == 0;
	buf_finish(&out);
	return ok || err_errno(e, "standard output");
}

int command_backtest(const struct server_config *config, int argc, char **argv)
{
	(void)config;
	struct err e;
	struct command_backtest b = {.stretch = 1, .sensitivity = ANALYSE_NORMAL};
	if (!command_backtest_arguments(&b, argc, argv, &e)) {
		log_error("%s", e.text);
		return command_backtest_usage();
	}
	arena_init(&b.arena);
	bool ok = command_backtest_run(&b, &e);
	if (!ok)
		log_error("%s", e.text);
	for (size_t i = 0; b.records && i < b.labels.count; i++)
		record_finish(&b.records[i]);
	arena_finish(&b.arena);
	return ok ? 0 : 1;
}
