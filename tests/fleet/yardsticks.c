/*
 * fleet_yardsticks DIR [--json]: judges a labelled set by the rules of peers, each
 * online on what was known at the time, and prints how well they did: a table, or one
 * JSON line for each rule.
 */
#include "tests/fleet/yardsticks/score.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void print_row(const char *name, const struct score *s)
{
	printf("| %-33s | %.3f | %.3f | %.3f | %3d | %3d | %3d | %3d | %3d | %6.2f | "
	       "%6.2f "
	       "| %6.2f | %7.1f | %6.1f |\n",
		name, s->precision, s->recall, s->f1, s->found, s->false_series,
		s->missed, s->quiet, s->early, s->delay_median_h, s->delay_p90_h,
		s->leaked_median_pct, s->episodes_per_1000_days, s->cpu_s);
}

static void print_json(const char *name, const struct score *s)
{
	bool found = s->found > 0;

	printf("{\"rule\":\"%s\",\"precision\":%.4f,\"recall\":%.4f,\"f1\":%.4f,\"tp\":"
	       "%d,"
	       "\"fp\":%d,\"fn\":%d,\"tn\":%d,\"early\":%d,\"delay_median_h\":%.2f,"
	       "\"delay_p90_h\":%.2f,\"false_per_1000_days\":%.2f,\"cpu_s\":%.2f}\n",
		name, s->precision, s->recall, s->f1, s->found, s->false_series,
		s->missed, s->quiet, s->early, found ? s->delay_median_h : -1,
		found ? s->delay_p90_h : -1, s->episodes_per_1000_days, s->cpu_s);
}

int main(int argc, char **argv)
{
	bool json = argc == 3 && strcmp(argv[2], "--json") == 0;
	struct series_list list;
	struct score score;
	struct err e;

	if (argc != 2 && !json) {
		fprintf(stderr, "use: fleet_yardsticks DIR [--json]\n");
		return 2;
	}
	if (!series_read(&list, argv[1], &e)) {
		fprintf(stderr, "fleet_yardsticks: %s\n", e.text);
		return 1;
	}
	if (!json)
		printf("| rule | P | R | F1 | TP | FP | FN | TN | early FA | median "
		       "delay h "
		       "| p90 delay h | leaked %% at alarm | false alarms / 1000 "
		       "instance-days | CPU s |\n"
		       "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | "
		       "--- "
		       "| --- | --- | --- |\n");
	for (size_t i = 0; i < rules_count; i++) {
		score_rule(&score, &rules_all[i], &list);
		(json ? print_json : print_row)(rules_all[i].name, &score);
		fflush(stdout);
	}
	series_finish(&list);
	return 0;
}
