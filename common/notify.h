/*
 * Notify: tells systemd how a service is, as sd_notify(3) does.
 *
 * One datagram to the socket that NOTIFY_SOCKET names; without it (not started by
 * systemd) every call does nothing and succeeds.  A state is lines of NAME=VALUE:
 * "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=...".  Failure is false; it never
 * matters enough to stop for, so there is no error to read.
 *
 * Thread-safe: no state.
 */
#ifndef TIDEMARK_COMMON_NOTIFY_H
#define TIDEMARK_COMMON_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

bool notify_send(const char *state);

/* How often WATCHDOG=1 should be sent: half of what systemd allows (WATCHDOG_USEC,
 * when WATCHDOG_PID is us or absent).  0: no watchdog wanted. */
int64_t notify_watchdog_ms(void);

#endif
