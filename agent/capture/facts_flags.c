#include "agent/capture/facts.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options whose value may stand in an argument of its own; all others with a value
 * need "=". */
static const char *const facts_valued[] = {"-r", "-C", "--require", "--import",
	"--loader", "--experimental-loader", "--conditions", "--input-type", "--title",
	"--env-file", "--icu-data-dir", "--openssl-config", "--max-http-header-size",
	"--unhandled-rejections", "--dns-result-order", "--inspect-port",
	"--debug-port", "--heapsnapshot-signal", "--diagnostic-dir", "--report-dir",
	"--report-directory", "--report-filename", "--report-signal", "--cpu-prof-dir",
	"--heap-prof-dir", "--redirect-warnings", "--trace-event-categories",
	"--stack-trace-limit"};

static const struct {
	const char *name;
	int number;
} facts_signals[] = {{"SIGHUP", SIGHUP}, {"SIGINT", SIGINT}, {"SIGQUIT", SIGQUIT},
	{"SIGUSR1", SIGUSR1}, {"SIGUSR2", SIGUSR2}, {"SIGTERM", SIGTERM},
	{"SIGCONT", SIGCONT}, {"SIGWINCH", SIGWINCH}, {"SIGURG", SIGURG},
	{"SIGIO", SIGIO}, {"SIGPWR", SIGPWR}};

/* Follows a list of arguments, one by one. */
struct facts_walk {
	struct facts_flags *flags;
	char pending[40]; /* the option whose value comes next */
	bool is_over;     /* the script has been reached */
};

static bool facts_is_loopback(const char *host)
{
	return !strcmp(host, "localhost") || !strcmp(host, "::1") ||
	       !strcmp(host, "[::1]") || !strncmp(host, "127.", 4);
}

/* "9230", "localhost:9230", "[::1]:9230", "0.0.0.0". */
static void facts_inspect_address(const char *value, struct facts_flags *flags)
{
	char host[128];
	const char *colon = strrchr(value, ':');
	const char *bracket = strrchr(value, ']');
	if (colon && bracket && colon < bracket)
		colon = NULL;
	const char *port = colon ? colon + 1 : value;
	bool is_port = *port && port[strspn(port, "0123456789")] == '\0';
	if (is_port)
		flags->inspect_port = (int)strtol(port, NULL, 10);
	if (is_port && !colon)
		return;
	size_t length = colon && is_port ? (size_t)(colon - value) : strlen(value);
	snprintf(host, sizeof host, "%.*s", length < 127 ? (int)length : 127, value);
	flags->inspect_exposed = !facts_is_loopback(host);
}

static int facts_signal_number(const char *name)
{
	for (size_t i = 0; i < sizeof facts_signals / sizeof *facts_signals; i++) {
		if (!strcmp(name, facts_signals[i].name))
			return facts_signals[i].number;
	}
	return 0;
}

static void facts_flag(struct facts_flags *flags, const char *name, const char *value)
{
	if (!strcmp(name, "--disable-sigusr1")) {
		flags->disable_sigusr1 = true;
	} else if (!strcmp(name, "--permission") ||
		   !strcmp(name, "--experimental-permission")) {
		flags->permission = true;
	} else if (!strcmp(name, "--inspect-port") || !strcmp(name, "--debug-port")) {
		facts_inspect_address(value, flags);
	} else if (!strcmp(name, "--inspect") || !strcmp(name, "--inspect-brk") ||
		   !strcmp(name, "--inspect-wait")) {
		flags->inspect = true;
		if (*value)
			facts_inspect_address(value, flags);
	} else if (!strcmp(name, "--heapsnapshot-signal")) {
		flags->heap_signal = facts_signal_number(value);
	} else if (!strcmp(name, "--diagnostic-dir")) {
		snprintf(flags->diagnostic_dir, sizeof flags->diagnostic_dir, "%s",
			value);
	}
}

static bool facts_takes_value(const char *name)
{
	for (size_t i = 0; i < sizeof facts_valued / sizeof *facts_valued; i++) {
		if (!strcmp(name, facts_valued[i]))
			return true;
	}
	return false;
}

static void facts_argument(struct facts_walk *w, const char *argument)
{
	if (w->pending[0]) {
		facts_flag(w->flags, w->pending, argument);
		w->pending[0] = '\0';
		return;
	}
	if (argument[0] != '-' || !argument[1] || !strcmp(argument, "--")) {
		w->is_over = true;
		return;
	}
	char name[40];
	size_t length = strcspn(argument, "=");
	if (length >= sizeof name)
		return;
	memcpy(name, argument, length);
	name[length] = '\0';
	/* Node.js takes "--diagnostic_dir" for "--diagnostic-dir". */
	for (char *c = name; *c; c++)
		*c = *c == '_' ? '-' : *c;
	if (argument[length] != '=' && facts_takes_value(name))
		strcpy(w->pending, name);
	else
		facts_flag(
			w->flags, name, argument[length] ? argument + length + 1 : "");
}

void facts_parse_command(const char *text, size_t length, struct facts *out)
{
	struct facts_walk w = {.flags = &out->flags};
	const char *end = text + length;
	size_t count = 0;
	for (const char *c = text; c && c < end && !w.is_over; c += strlen(c) + 1) {
		if (count++ > 0)
			facts_argument(&w, c);
	}
	/* A title is one text without arguments, or has none behind the program: node
	 * alone reads its script from a pipe, which no service does. */
	out->flags.is_command_known = count > 1;
}

/* Words between blanks; double quotes hold a word together, a backslash in them takes
 * the next byte as it is. */
void facts_parse_options(const char *options, struct facts_flags *out)
{
	struct facts_walk w = {.flags = out};
	char word[1024];
	size_t length = 0;
	bool is_quoted = false;
	for (const char *c = options;; c++) {
		bool is_end = !*c || (*c == ' ' && !is_quoted);
		if (is_end && length > 0) {
			word[length] = '\0';
			facts_argument(&w, word);
			w.is_over = false;
			length = 0;
		}
		if (!*c)
			return;
		if (is_end)
			continue;
		if (*c == '"') {
			is_quoted = !is_quoted;
			continue;
		}
		if (*c == '\\' && is_quoted && c[1])
			c++;
		if (length < sizeof word - 1)
			word[length++] = *c;
	}
}
