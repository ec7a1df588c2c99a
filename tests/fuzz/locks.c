/* fuzzes: agent_fingerprint */
/*
 * Lock files of npm, yarn and pnpm: whatever stands in them, every package is a name
 * that the wire takes, once.
 */
#include "agent/fingerprint/npm_lock.h"
#include "agent/fingerprint/pnpm_lock.h"
#include "agent/fingerprint/yarn_lock.h"
#include "schema/wire_limits.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool fuzz_is_there(void *context, const char *folder)
{
	(void)context;
	return strlen(folder) & 1;
}

static void fuzz_check(struct packages *p)
{
	struct arena a;
	size_t count;
	bool is_cut;
	arena_init(&a);
	const char **all = packages_sorted(p, &a, &count, &is_cut);
	for (size_t i = 0; i < count; i++) {
		BUG_ON(!all[i][0] || strlen(all[i]) > WIRE_NAME_BYTES_MAX);
		BUG_ON(i > 0 && strcmp(all[i - 1], all[i]) >= 0);
	}
	arena_finish(&a);
	packages_finish(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct intake in;
	struct packages p = {0};
	struct err e;
	const struct npm_lock_options options = {fuzz_is_there, NULL};
	intake_init_memory(&in, data, size);
	npm_lock_read(&in, &options, &p, &e);
	fuzz_check(&p);
	intake_init_memory(&in, data, size);
	yarn_lock_read(&in, &p, &e);
	fuzz_check(&p);
	intake_init_memory(&in, data, size);
	pnpm_lock_read(&in, &p, &e);
	fuzz_check(&p);
	return 0;
}
