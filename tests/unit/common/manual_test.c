/* Manual pages and completions, from the tables that a program works with. */
#include "common/manual.h"

#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct conf_option options[] = {
	{"agent", "state_dir", CONF_TEXT, 0, 0, 0, "/var/lib/x", "Where's what"},
	{"agent", "interval", CONF_DURATION, 0, 1000, 3600000, "10s",
		".begins with a dot, has a \\ and [brackets]: 'all'"},
	{"agent", "journal", CONF_BOOL, 0, 0, 0, "yes", "Read it"},
	{"spool", "size", CONF_BYTES, 0, 1 << 20, INT64_MAX, "64M", "Disk"},
};

static const struct conf_table table = {
	.program = "tidemark-agent",
	.own_section = "agent",
	.env_prefix = "TIDEMARK",
	.options = options,
	.count = sizeof options / sizeof *options,
	.file = "/etc/tidemark/agent.conf",
};

static const struct manual_command commands[] = {
	{"run", NULL, "Watch"},
	{"token", "create | list | revoke ID", "Tokens"},
	{"report", "FILE [--json]", "Say what's in it"},
};

static bool command(size_t index, struct manual_command *out)
{
	if (index >= sizeof commands / sizeof *commands)
		return false;
	*out = commands[index];
	return true;
}

static void sections(struct buf *out)
{
	buf_text(out, "\n#[service x]\n.dot\n");
}

static const struct manual manual = {
	.settings = &table,
	.title = "watches",
	.about = "One.\n\nTwo.",
	.command = command,
	.sections = sections,
	.files = "/etc/x\tsettings\n/var/x\tstate",
	.exits = "0\tdone",
	.others = "tidemark-agent.conf(5) tidemark-server(8)",
};

/* What `print` says, until the next call. */
static const char *text_of(void (*print)(const struct manual *m, struct buf *out))
{
	static struct buf out;
	buf_reset(&out);
	print(&manual, &out);
	return out.data;
}

static void the_program_page_has_every_command_and_setting(void **state)
{
	(void)state;
	const char *page = text_of(manual_program);
	assert_int_equal(strncmp(page, ".TH TIDEMARK\\-AGENT 8 ", 22), 0);
	assert_non_null(strstr(page, "tidemark\\-agent \\- watches\n"));
	assert_non_null(strstr(page, "One.\n.PP\nTwo.\n"));
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		char name[64];
		snprintf(name, sizeof name, "\\fB%s\\fR", commands[i].name);
		assert_non_null(strstr(page, name));
	}
	assert_non_null(strstr(page, "\\fIcreate | list | revoke ID\\fR\nTokens\n"));
	assert_non_null(strstr(page, "\\fB\\-\\-state\\-dir\\fR \\fITEXT\\fR\n"));
	assert_non_null(strstr(page, "\\fB\\-\\-spool\\-size\\fR \\fISIZE\\fR\n"));
	assert_non_null(strstr(page, "\\fB\\-\\-journal\\fR\n"));
	assert_non_null(strstr(page, ".BR tidemark\\-server (8)\n"));
}

static void text_is_never_taken_for_a_macro(void **state)
{
	(void)state;
	const char *page = text_of(manual_program);
	assert_non_null(strstr(page, "\n\\&.begins with a dot, has a \\e and"));
	assert_non_null(strstr(page, "\\(aqall\\(aq"));
	assert_null(strstr(page, "\n.begins"));
}

static void the_file_page_has_bounds_default_and_variable(void **state)
{
	(void)state;
	const char *page = text_of(manual_file);
	assert_non_null(strstr(page, ".SH [agent]\n"));
	assert_non_null(strstr(page, ".SH [spool]\n"));
	assert_non_null(
		strstr(page, "1s to 1h; default: 10s; TIDEMARK_AGENT_INTERVAL\n"));
	assert_non_null(strstr(page, "\\fBjournal\\fR \\fIyes|no\\fR\n"));
	assert_non_null(strstr(page, "#[service x]\n\\&.dot\n"));
	assert_non_null(strstr(page, "/etc/tidemark/agent.conf"));
}

static void help_has_what_every_program_understands(void **state)
{
	(void)state;
	const char *help = text_of(manual_help);
	assert_non_null(strstr(help, "  --config FILE  "));
	assert_non_null(strstr(help, "(/etc/tidemark/agent.conf when it can be read)"));
	assert_non_null(strstr(help, "  --version  "));
}

/* What bash offers behind `words`, the last of which is being typed. */
static const char *offered(const char *words)
{
	static char out[4096];
	char path[] = "/tmp/manual_XXXXXX", line[512];
	struct buf script = {0};
	assert_true(manual_completion(&manual, "bash", &script));
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, script.data, script.length), (ssize_t)script.length);
	close(fd);
	buf_finish(&script);
	snprintf(line, sizeof line,
		"bash --norc -c '. %s; COMP_WORDS=(tidemark-agent %s);"
		" COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _tidemark_agent;"
		" echo \"${COMPREPLY[@]}\"'",
		path, words);
	FILE *bash = popen(line, "r");
	assert_non_null(bash);
	size_t length = fread(out, 1, sizeof out - 1, bash);
	out[length] = '\0';
	assert_int_equal(pclose(bash), 0);
	unlink(path);
	return out;
}

static void bash_completes_commands_their_words_and_options(void **state)
{
	(void)state;
	assert_string_equal(offered("\"\""), "run token report\n");
	assert_string_equal(offered("to"), "token\n");
	assert_string_equal(offered("token \"\""), "create list revoke\n");
	assert_string_equal(offered("token --sp"), "--spool-size\n");
	assert_string_equal(offered("report --js"), "--json\n");
	assert_non_null(strstr(offered("report /etc/passw"), "/etc/passwd"));
	assert_string_equal(offered("run --interval 1"), "\n");
	assert_string_equal(offered("--config /etc/nsswit"), "/etc/nsswitch.conf\n");
}

static void zsh_gets_descriptions_that_it_can_read(void **state)
{
	(void)state;
	struct buf out = {0};
	assert_true(manual_completion(&manual, "zsh", &out));
	assert_int_equal(strncmp(out.data, "#compdef tidemark-agent\n", 24), 0);
	assert_non_null(strstr(out.data, "'report:Say what'\\''s in it'\n"));
	assert_non_null(
		strstr(out.data, "\\[brackets\\]\\: '\\''all'\\'']:DURATION: '\n"));
	assert_non_null(strstr(out.data, "token) compadd -- create list revoke; ;;\n"));
	assert_non_null(strstr(out.data, "report) compadd -- --json; _files ;;\n"));
	buf_finish(&out);
}

static void knows_no_other_shell(void **state)
{
	(void)state;
	struct buf out = {0};
	assert_false(manual_completion(&manual, "fish", &out));
	assert_false(manual_print(&manual, "--completion=fish"));
	assert_false(manual_print(&manual, "--man=1"));
	assert_false(manual_print(&manual, "run"));
	buf_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_page_has_every_command_and_setting),
		cmocka_unit_test(text_is_never_taken_for_a_macro),
		cmocka_unit_test(the_file_page_has_bounds_default_and_variable),
		cmocka_unit_test(help_has_what_every_program_understands),
		cmocka_unit_test(bash_completes_commands_their_words_and_options),
		cmocka_unit_test(zsh_gets_descriptions_that_it_can_read),
		cmocka_unit_test(knows_no_other_shell),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
