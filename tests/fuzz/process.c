/* fuzzes: agent */
/*
 * Everything that a process can write for the agent to read: its command line and
 * name, its control group, its package.json, and the files of procfs.
 */
#include "agent/command.h"
#include "agent/entry.h"
#include "agent/package.h"
#include "agent/pm2.h"
#include "agent/probe/cgroups.h"
#include "agent/probe/probe.h"
#include "agent/probe/process_stat.h"
#include "agent/slots.h"
#include "agent/unit.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_values(const char *text)
{
	static const struct probe *const probes[] = {&meminfo_probe, &vmstat_probe,
		&cpu_probe, &load_probe, &pressure_memory_probe, &process_statm_probe,
		&process_status_probe, &process_pss_probe};
	for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
		struct wire_values values = {0};
		probes[i]->emit(text, &values);
		for (unsigned m = 0; m < METRIC_VALUES; m++)
			BUG_ON(values.value[m] < 0);
	}
	struct process_stat stat;
	if (process_stat_parse(text, &stat))
		BUG_ON(strlen(stat.comm) >= sizeof stat.comm);
}

static void fuzz_names(const char *text, size_t size)
{
	struct command command;
	struct command_name name;
	command_parse(text, size, "comm", &command);
	BUG_ON(!command.program[0]);
	command_name_script(&command, &name);
	char whole[COMMAND_PROGRAM_MAX * 3];
	entry_name_alone(command.script, name.name, whole, sizeof whole);
	struct pm2 daemon;
	if (pm2_read_title(text, size, &daemon))
		BUG_ON(!daemon.version[0]);

	struct cgroups_place place;
	struct unit unit;
	cgroups_parse(text, &place);
	unit_parse(place.name, &unit);
	BUG_ON(strlen(unit.container) != 0 && strlen(unit.container) != 12);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Exactly as long as it is, so that a byte too many is found. */
	char *text = malloc(size + 1);
	BUG_ON(!text);
	memcpy(text, data, size);
	struct package package;
	char *exact = malloc(size ? size : 1);
	BUG_ON(!exact);
	memcpy(exact, data, size);
	if (package_scan(exact, size, &package)) {
		char entry[64];
		BUG_ON(!package.name[0]);
		memcpy(package.script, package.main, sizeof package.main);
		entry_name(&package, entry, sizeof entry);
		BUG_ON(!entry[0]);
	}
	free(exact);

	text[size] = '\0';
	fuzz_names(text, size);
	fuzz_values(text);
	struct slots *slots = slots_create("boot");
	struct err e;
	slots_parse(slots, text, 1, &e);
	slots_settle(slots, 2);
	slots_destroy(slots);
	free(text);
	return 0;
}
