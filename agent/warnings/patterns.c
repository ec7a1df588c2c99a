#include "agent/warnings/patterns.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct patterns {
	const struct log_spec *spec;
	regex_t compiled[];
};

struct patterns *patterns_create(const struct log_spec *spec)
{
	struct patterns *p = calloc(
		1, sizeof *p + spec->pattern_count * sizeof p->compiled[0]);
	BUG_ON(!p);
	p->spec = spec;
	for (size_t i = 0; i < spec->pattern_count; i++)
		BUG_ON(regcomp(&p->compiled[i], spec->patterns[i].expression,
			       REG_EXTENDED) != 0);
	return p;
}

void patterns_destroy(struct patterns *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->spec->pattern_count; i++)
		regfree(&p->compiled[i]);
	free(p);
}

static void patterns_put(const struct log_pattern *pattern, const char *line,
	const regmatch_t *groups, struct sign *out)
{
	*out = (struct sign){.kind = WARNING_PATTERN};
	sign_put(out, "pattern", pattern->name, strlen(pattern->name));
	for (size_t i = 0; i < pattern->group_count; i++) {
		const char *field = pattern->fields[i];
		const regmatch_t *group = &groups[i + 1];
		if (!field || group->rm_so < 0)
			continue;
		const char *at = line + group->rm_so;
		size_t length = (size_t)(group->rm_eo - group->rm_so);
		if (strcmp(field, "pid") != 0) {
			sign_put(out, field, at, length);
			continue;
		}
		char digits[11] = {0};
		if (length < sizeof digits)
			memcpy(digits, at, length);
		unsigned long pid = strtoul(digits, NULL, 10);
		out->pid = pid <= INT32_MAX ? (uint32_t)pid : 0;
	}
}

bool patterns_match(const struct patterns *p, size_t *from, const char *line,
	size_t length, struct sign *out)
{
	regmatch_t groups[LOG_SPEC_GROUPS_MAX + 1];
	int flags = REG_STARTEND;
	if (length > PATTERNS_LINE_MAX) {
		length = PATTERNS_LINE_MAX;
		flags |= REG_NOTEOL; /* "$" is not where we stop looking */
	}
	for (; *from < p->spec->pattern_count; ++*from) {
		const struct log_pattern *pattern = &p->spec->patterns[*from];
		groups[0] = (regmatch_t){.rm_so = 0, .rm_eo = (regoff_t)length};
		if (regexec(&p->compiled[*from], line, pattern->group_count + 1, groups,
			    flags) != 0)
			continue;
		patterns_put(pattern, line, groups, out);
		++*from;
		return true;
	}
	return false;
}
