#include "agent/insides/asking.h"

#include "common/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t asking_cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void asking_hang_up(struct asking *a)
{
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

/* A line is short: it always fits the socket's buffer. */
static void asking_begin(struct asking *a, int64_t deadline_ms)
{
	int64_t begun_us = asking_cpu_us();
	struct channel c;
	a->fd = -1;
	a->way->stop_fd = -1;
	a->way->deadline_ms = deadline_ms;
	if (preload_dial(a->way, &c, &a->e)) {
		a->fd = c.fd;
		size_t length = strlen(a->line);
		if (send(a->fd, a->line, length, MSG_NOSIGNAL | MSG_DONTWAIT) !=
			(ssize_t)length) {
			err_errno(&a->e, "cannot ask process %d", a->way->facts->pid);
			asking_hang_up(a);
		}
	}
	a->cpu_us += asking_cpu_us() - begun_us;
}

static void asking_read(struct asking *a)
{
	enum { PART = 8 << 10 };
	int64_t begun_us = asking_cpu_us();
	ssize_t got;
	do {
		got = recv(a->fd, buf_reserve(&a->answer, PART), PART, MSG_DONTWAIT);
		if (got > 0)
			a->answer.length += (size_t)got;
	} while (got > 0 && a->answer.length <= ASKING_BYTES_MAX);
	bool again = got < 0 && (errno == EAGAIN || errno == EINTR);
	if (got == 0)
		a->is_answered = a->answer.length > 0 ||
				 err_set(&a->e, ERR_IO, "process %d answers nothing",
					 a->way->facts->pid);
	else if (got > 0)
		err_set(&a->e, ERR_INPUT, "process %d answers too much",
			a->way->facts->pid);
	else if (!again)
		err_errno(&a->e, "process %d", a->way->facts->pid);
	if (!again)
		asking_hang_up(a);
	a->cpu_us += asking_cpu_us() - begun_us;
}

/* Those that wait, and which; behind them the word to stop. */
static size_t asking_collect(const struct asking *all, size_t count, int stop_fd,
	struct pollfd polled[ASKING_MAX + 1], size_t which[ASKING_MAX])
{
	size_t waiting = 0;
	for (size_t i = 0; i < count; i++) {
		if (all[i].fd < 0)
			continue;
		polled[waiting] = (struct pollfd){.fd = all[i].fd, .events = POLLIN};
		which[waiting++] = i;
	}
	polled[waiting] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
	return waiting;
}

static bool asking_wait(
	struct asking *all, size_t count, int stop_fd, int64_t deadline_ms)
{
	struct pollfd polled[ASKING_MAX + 1];
	size_t which[ASKING_MAX], waiting;
	while ((waiting = asking_collect(all, count, stop_fd, polled, which)) > 0) {
		int64_t left_ms = deadline_ms - clock_mono_ms();
		if (left_ms <= 0)
			return true;
		int ready = poll(polled, waiting + 1, (int)left_ms);
		if (ready > 0 && polled[waiting].revents)
			return false;
		for (size_t i = 0; ready > 0 && i < waiting; i++) {
			if (polled[i].revents)
				asking_read(&all[which[i]]);
		}
	}
	return true;
}

bool asking_run(struct asking *all, size_t count, int stop_fd, int64_t deadline_ms)
{
	BUG_ON(count > ASKING_MAX);
	for (size_t i = 0; i < count; i++)
		asking_begin(&all[i], deadline_ms);
	bool goes_on = asking_wait(all, count, stop_fd, deadline_ms);
	for (size_t i = 0; i < count; i++) {
		if (all[i].fd < 0)
			continue;
		all[i].is_late = true;
		err_set(&all[i].e, ERR_IO, "process %d was too busy to answer in time",
			all[i].way->facts->pid);
		asking_hang_up(&all[i]);
	}
	return goes_on;
}

void asking_finish(struct asking *a)
{
	asking_hang_up(a);
	buf_finish(&a->answer);
}
