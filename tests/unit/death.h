/*
 * Death: does this abort?  Runs the function in a child with its words silenced.
 */
#ifndef TIDEMARK_TESTS_UNIT_DEATH_H
#define TIDEMARK_TESTS_UNIT_DEATH_H

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

static inline bool death_aborts(void (*function)(void))
{
	pid_t child = fork();
	if (child == 0) {
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		signal(SIGABRT, SIG_DFL); /* cmocka catches it */
		function();
		_exit(0);
	}
	int status = 0;
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
