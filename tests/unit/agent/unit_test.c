/* What paths of control groups say, as systemd and container engines write them. */
#include "agent/unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void reads_the_deepest_service(void **state)
{
	(void)state;
	static const struct {
		const char *path, *name;
		bool launcher;
		const char *container;
	} rows[] = {
		{"/system.slice/redis-server.service", "redis-server", false, ""},
		{"/system.slice/system-postgresql.slice/postgresql@15-main.service",
			"postgresql@15-main", false, ""},
		{"/system.slice/my\\x2dshop.service/worker", "my-shop", false, ""},
		{"/user.slice/user-1000.slice/user@1000.service/app.slice/sync.service",
			"sync", false, ""},
		{"/user.slice/user-1000.slice/user@1000.service/init.scope",
			"user@1000", true, ""},
		{"/user.slice/user-1000.slice/session-3.scope", "", false, ""},
		{"/system.slice/cron.service", "cron", true, ""},
		{"/system.slice/pm2-root.service", "pm2-root", true, ""},
		{"/system.slice/docker.service", "docker", true, ""},
		{"/docker/" ID, "", false, "0123456789ab"},
		{"/system.slice/docker-" ID ".scope", "", false, "0123456789ab"},
		{"/kubepods.slice/kubepods-pod12.slice/cri-containerd-" ID ".scope", "",
			false, "0123456789ab"},
		{"/kubepods/burstable/pod2f/" ID, "", false, "0123456789ab"},
		{"/system.slice/containerd.service/"
		 "kubepods-pod2f.slice:cri-containerd:" ID,
			"containerd", true, "0123456789ab"},
		{"/machine.slice/libpod-" ID ".scope/container", "", false,
			"0123456789ab"},
		{"/system.slice/web.service/libpod-payload-" ID, "web", false,
			"0123456789ab"},
		{"/system.slice/" ID "ff.service", ID "ff", false, ""},
		{"/", "", false, ""},
		{"", "", false, ""},
		{"/.service", "", false, ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct unit unit;
		unit_parse(rows[i].path, &unit);
		assert_string_equal(unit.name, rows[i].name);
		assert_int_equal(unit.launcher, rows[i].launcher);
		assert_string_equal(unit.container, rows[i].container);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reads_the_deepest_service)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
