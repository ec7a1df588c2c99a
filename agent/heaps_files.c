#include "agent/heaps_inside.h"

#include "agent/dump_owner.h"
#include "agent/list.h"
#include "common/clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

enum { HEAPS_FILES_DIRECTORIES_MAX = CONFIG_LIST_MAX + CONFIG_RULES_MAX };

/* A file that nobody can use, in the log and in the server's audit. */
static void heaps_files_leave(struct heaps *h, const struct dumps_file *f,
	const struct life *life, const char *why)
{
	char text[512];
	char actor[PATH_MAX];
	const char *base = strrchr(f->path, '/') + 1;
	snprintf(text, sizeof text, "%.120s: %s", base, why);
	snprintf(actor, sizeof actor, "directory %.240s", f->directory->path);
	const struct snapshot_event event = {
		.at_unix_ms = clock_unix_ms(),
		.state = SNAPSHOT_FAILED,
		.text = text,
		.actor = actor,
	};
	heaps_words_report(h, &event, life);
	dumps_settle(h->dumps, &f->key);
	heaps_words_save_dumps(h);
	heaps_words_tell(h, LOG_WARN, "%s: %s", f->path, why);
}

static void heaps_files_take(struct heaps *h, const struct dumps_file *f)
{
	char why[DUMP_OWNER_WHY_BYTES];
	const struct life *life = dump_owner(f, h->lives, why);
	if (!life || f->trouble[0]) {
		heaps_files_leave(h, f, life, f->trouble[0] ? f->trouble : why);
		return;
	}
	const struct snapshot_order order = {
		.kind = SNAPSHOT_ORDER_TAKE,
		.pid = life->is.pid,
		.start_ticks = life->is.start_ticks,
		.service = life->is.service,
		.route = "file",
	};
	struct orders_entry *entry = orders_find(h->orders, &order);
	if (entry)
		orders_remove(h->orders, entry);
	orders_add(h->orders, &order, clock_unix_ms());
	h->waiting[h->waiting_count++] = task_create(&order, f);
	heaps_work_begin_next(h);
}

/* Files leave room for orders. */
void heaps_files_run(struct heaps *h)
{
	struct dumps_file file;
	struct err e;
	dumps_run(h->dumps, clock_unix_ms(), clock_mono_ms());
	while (dumps_trouble(h->dumps, &e))
		heaps_words_tell(h, LOG_WARN, "%s", e.text);
	while (!h->task && h->waiting_count == 0 && dumps_next(h->dumps, &file))
		heaps_files_take(h, &file);
}

void heaps_files_create(struct heaps *h)
{
	const struct config *c = h->options.config;
	struct dumps_directory *all = arena_array(
		&h->config_arena, HEAPS_FILES_DIRECTORIES_MAX, sizeof *all);
	char name[CONFIG_NAME_MAX];
	size_t count = 0;
	for (const char *rest = c->snapshot_dirs; list_next(&rest, name, sizeof name);)
		all[count++].path = arena_strdup(&h->config_arena, name);
	for (size_t i = 0; i < c->rule_count; i++)
		if (c->rules[i].dumps)
			all[count++] = (struct dumps_directory){
				c->rules[i].dumps, c->rules[i].service};
	h->dumps = dumps_create(all, count, clock_unix_ms());
	struct epoll_event event = {.events = EPOLLIN};
	if (dumps_fd(h->dumps) >= 0)
		epoll_ctl(h->epoll, EPOLL_CTL_ADD, dumps_fd(h->dumps), &event);
}
