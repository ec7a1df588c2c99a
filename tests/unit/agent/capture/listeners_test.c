#include "agent/capture/listeners.h"
#include "agent/capture/listeners_diag.h"
#include "tests/unit/cmocka_all.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct listeners all;

static bool parse(const char *address, const char *state, bool is_v6)
{
	char line[256];
	snprintf(line, sizeof line,
		"   0: %s:240D 00000000:0000 %s 00000000:00000000 00:00000000 00000000 "
		" "
		"1000        0 85123 1 0000000000000000 100 0 0 10 0\n",
		address, state);
	all.count = 0;
	return listeners_parse_line(&all, line, is_v6);
}

static void lines_say_who_can_reach_a_socket(void **state)
{
	(void)state;
	static const struct {
		const char *address;
		bool is_v6;
		enum listeners_reach reach;
	} cases[] = {
		{"0100007F", false, LISTENERS_LOOPBACK},
		{"0500007F", false, LISTENERS_LOOPBACK},
		{"00000000", false, LISTENERS_ANY},
		{"0101A8C0", false, LISTENERS_OTHER},
		{"00000000000000000000000001000000", true, LISTENERS_LOOPBACK},
		{"00000000000000000000000000000000", true, LISTENERS_ANY},
		{"0000000000000000FFFF00000100007F", true, LISTENERS_LOOPBACK},
		{"0000000000000000FFFF00000101A8C0", true, LISTENERS_OTHER},
		{"000080FE000000000000000001000000", true, LISTENERS_OTHER},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(parse(cases[i].address, "0A", cases[i].is_v6));
		assert_int_equal(all.at[0].reach, cases[i].reach);
		assert_int_equal(all.at[0].port, 9229);
		assert_int_equal(all.at[0].uid, 1000);
		assert_int_equal(all.at[0].inode, 85123);
	}
}

static void other_lines_are_none(void **state)
{
	(void)state;
	assert_false(parse("0100007F", "01", false));
	assert_false(parse("0100007F", "0A", true));
	assert_false(listeners_parse_line(&all, "", false));
	assert_false(
		listeners_parse_line(&all, "  sl  local_address rem_address", false));
}

static void too_many_are_cut_and_said(void **state)
{
	(void)state;
	memset(&all, 0, sizeof all);
	for (int i = 0; i <= LISTENERS_MAX; i++)
		assert_true(listeners_parse_line(&all,
			" 1: 0100007F:0001 00000000:0000 0A 0:0 0:0 0 0 0 7 1", false));
	assert_int_equal(all.count, LISTENERS_MAX);
	assert_true(all.is_cut);
}

static void our_own_socket_is_found_and_known_as_ours(void **state)
{
	(void)state;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in a = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof a;
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 1), 0);
	getsockname(fd, (struct sockaddr *)&a, &length);
	struct err e;
	assert_true(listeners_read(&all, "/proc", getpid(), &e));
	const struct listener *l = listeners_on_port(&all, ntohs(a.sin_port));
	assert_non_null(l);
	assert_int_equal(l->reach, LISTENERS_LOOPBACK);
	assert_int_equal(l->uid, geteuid());
	assert_int_equal(listeners_owner("/proc", getpid(), l->inode), LISTENERS_OWN);
	assert_int_equal(listeners_owner("/proc", getpid(), l->inode + 1000000),
		LISTENERS_FOREIGN);
	assert_int_equal(listeners_owner("/nowhere", 1, l->inode), LISTENERS_UNKNOWN);
	close(fd);
	assert_true(listeners_read(&all, "/proc", getpid(), &e));
	assert_null(listeners_on_port(&all, ntohs(a.sin_port)));
	assert_false(listeners_read(&all, "/nowhere", 1, &e));
}

/* The kernel's answer and its file are the same; a line at a time. */
static void the_kernel_says_what_the_file_says(void **state)
{
	(void)state;
	static struct listeners asked;
	static const char *const files[] = {"/proc/net/tcp", "/proc/net/tcp6"};
	struct sockaddr_in6 any = {.sin6_family = AF_INET6};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) || listen(fd, 7) ||
		!listeners_diag_read(&asked))
		skip();
	size_t found = 0;
	for (int v6 = 0; v6 < 2; v6++) {
		char line[512];
		FILE *file = fopen(files[v6], "re");
		while (file && fgets(line, sizeof line, file)) {
			all.count = 0;
			if (!listeners_parse_line(&all, line, v6))
				continue;
			const struct listener *l = listeners_find(
				&asked, all.at[0].inode);
			if (!l)
				continue; /* of a program beside us, by now */
			assert_int_equal(l->port, all.at[0].port);
			assert_int_equal(l->is_v6, v6);
			assert_int_equal(l->reach, all.at[0].reach);
			assert_int_equal(l->uid, all.at[0].uid);
			found++;
		}
		if (file)
			fclose(file);
	}
	assert_true(found > 0 && found <= asked.count);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_say_who_can_reach_a_socket),
		cmocka_unit_test(other_lines_are_none),
		cmocka_unit_test(too_many_are_cut_and_said),
		cmocka_unit_test(our_own_socket_is_found_and_known_as_ours),
		cmocka_unit_test(the_kernel_says_what_the_file_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
