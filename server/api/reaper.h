/*
 * Reaper: cuts connections that take too long.
 *
 * libmicrohttpd's time-out counts from the last byte, so a client that sends a byte a
 * second holds its connection for ever.  Here each phase of a connection has one
 * deadline that nothing moves; the first begins with the connection, so that it also
 * ends a TLS handshake that never does.
 *
 * Each connection owns one entry, from reaper_add until reaper_remove, which must come
 * before its descriptor is closed.  Safe from any thread.
 */
#ifndef TIDEMARK_SERVER_API_REAPER_H
#define TIDEMARK_SERVER_API_REAPER_H

#include <stddef.h>
#include <stdint.h>

enum reaper_phase {
	REAPER_READING,   /* a request is due, or on its way in */
	REAPER_ANSWERING, /* an answer is made or on its way out */
	REAPER_SENDING,   /* a long answer is on its way out, in parts */
	REAPER_IDLE,      /* kept alive between two requests */
	REAPER_STREAMING, /* takes a stream; each part that it takes enters it again */
	REAPER_PHASES,
};

struct reaper;
struct reaper_entry;

/* Milliseconds per phase. */
struct reaper *reaper_create(const int64_t limits_ms[REAPER_PHASES]);
void reaper_destroy(struct reaper *r);

/* A new connection starts in REAPER_READING.  Times are those of clock_mono_ms. */
struct reaper_entry *reaper_add(struct reaper *r, int fd, int64_t now_ms);
void reaper_remove(struct reaper *r, struct reaper_entry *entry);
void reaper_enter(struct reaper *r, struct reaper_entry *entry, enum reaper_phase phase,
	int64_t now_ms);

/* Shuts down what is overdue. */
void reaper_cut(struct reaper *r, int64_t now_ms);

/* Open connections, and how many were cut so far. */
void reaper_count(struct reaper *r, size_t *open, size_t *cut);

#endif
