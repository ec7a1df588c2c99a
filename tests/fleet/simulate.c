/*
 * fleet_simulate --seed N [--count C] --set NAME --out DIR: writes a labelled set of
 * simulated series, in the format of the labelled sets; `--set list` shows the names.
 * The same arguments give the same files.
 */
#include "tests/fleet/simulate/sets.h"

#include <stdlib.h>
#include <string.h>

struct arguments {
	const char *set, *out;
	uint64_t seed;
	int count;
};

static void list_sets(void)
{
	for (size_t i = 0; i < sets_kind_count; i++)
		printf("%-8s %5d  %s\n", sets_kinds[i].name, sets_kinds[i].count,
			sets_kinds[i].what);
}

static bool read_arguments(int argc, char **argv, struct arguments *out)
{
	*out = (struct arguments){.seed = 1};
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--seed") == 0)
			out->seed = strtoull(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "--count") == 0)
			out->count = atoi(argv[i + 1]);
		else if (strcmp(argv[i], "--set") == 0)
			out->set = argv[i + 1];
		else if (strcmp(argv[i], "--out") == 0)
			out->out = argv[i + 1];
		else
			return false;
	}
	return argc % 2 == 1 && out->set != NULL;
}

static const struct sets_kind *find_set(const char *name)
{
	for (size_t i = 0; i < sets_kind_count; i++)
		if (strcmp(sets_kinds[i].name, name) == 0)
			return &sets_kinds[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct sets_kind *kind;
	struct arguments args;
	struct set set;
	struct err e;

	if (!read_arguments(argc, argv, &args)) {
		fprintf(stderr, "use: fleet_simulate --seed N [--count C] --set NAME "
				"--out DIR\n");
		return 2;
	}
	kind = find_set(args.set);
	if (kind == NULL || args.out == NULL) {
		list_sets();
		return strcmp(args.set, "list") == 0 ? 0 : 2;
	}
	if (!set_open(&set, args.out, &e)) {
		fprintf(stderr, "fleet_simulate: %s\n", e.text);
		return 1;
	}
	kind->write(&set, args.seed, args.count > 0 ? args.count : kind->count);
	if (!set_close(&set, &e)) {
		fprintf(stderr, "fleet_simulate: %s\n", e.text);
		return 1;
	}
	printf("%d series in %s\n", set.count, args.out);
	return 0;
}
