/*
 * Book: who is watched, and up to when each was read; the fleet's list of names.
 *
 * Holds the detector's fleet beside it, and tells it of versions, deploys, restarts and
 * settings as they become known.  Readings are fed by feed.h, states kept by keep.h.
 * Agents store the readings of a host in order of time, so that everything that is new
 * of a seat lies behind what was read last.  Belongs to the watch's thread.  A call
 * that fails leaves a book that must be thrown away.
 *
 * Times are Unix ms: of a seat's readings by its host's clock, `seen_ms` by ours.
 */
#ifndef TIDEMARK_SERVER_WATCH_BOOK_H
#define TIDEMARK_SERVER_WATCH_BOOK_H

#include "common/arena.h"
#include "common/err.h"
#include "server/analyse/fleet.h"
#include "server/store/db.h"
#include "server/store/readings.h"
#include "server/watch/insides.h"
#include "server/watch/trends.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

/* How far back the detector looks when it remembers nothing. */
#define BOOK_PAST_MS (INT64_C(14) * 24 * 3600 * 1000)

struct book_host {
	int64_t id;
	int64_t stored_ms, first_ms, seen_ms;
	int64_t read_ms;  /* of its seats the newest that was read; 0: none yet */
	double total_kb;  /* memory; 0: not known */
	int64_t asked_ms; /* what it had then was asked for, while it is not known */
	UT_hash_handle hh;
};

struct book_service {
	int64_t id;
	int64_t saved_ms;   /* when its states were kept, or would have been */
	int64_t known_ms;   /* the fleet remembers what happened to it up to here */
	int64_t restart_ms; /* the last one that was told */
	enum analyse_sensitivity sensitivity;
	struct trend trend;
	bool is_due; /* something of its versions is new: they are told together */
	UT_hash_handle hh;
};

struct book_version {
	int64_t id;
	struct book_service *service;
	bool collects_late;  /* its runtime fills a heap of set size first */
	char *name;          /* its own */
	int64_t deployed_ms; /* 0: it ran when the service was first seen */
	bool is_told;        /* that it was deployed */
	bool is_known;       /* the fleet was told of it */
	bool is_awaited;     /* what it consists of has not come yet */
	bool runs;           /* some process of it does */
	UT_hash_handle hh;
};

struct book_seat {
	int64_t id; /* of the slot */
	struct fleet_seat is;
	struct book_host *host;
	struct book_service *service;
	int64_t read_ms;   /* everything up to here was fed */
	int64_t stored_ms; /* about up to here there is something */
	int64_t saved_ms;  /* the newest reading in the state that is kept */
	int64_t life_id;   /* that began last */
	int64_t queue_ms;  /* its service's queues were fed up to here; 0: never */
	struct trend_seat trend;
	UT_hash_handle hh;
};

struct book_life {
	int64_t id;
	struct book_seat *seat;
	struct book_version *version;
	int64_t started_ms, stored_ms;
	bool is_private; /* private memory was read of it */
	bool is_restart; /* it took the place of another one */
	bool is_told;    /* of that */
	double limit_kb; /* of its control group; 0: none */
	struct insides insides;
	UT_hash_handle hh;
};

struct book {
	struct fleet *fleet;
	struct book_host *hosts;
	struct book_service *services;
	struct book_version *versions;
	struct book_seat *seats;
	struct book_life *lives;
	bool is_ready;        /* has caught up with what was stored before it began */
	int64_t walk_ms;      /* how far it has come with that; 0: not begun */
	int64_t step_from_ms; /* steps before are of no use: there are states of later
			       */
	int64_t tidied_ms;
	int64_t memory_ms; /* when the memory of machines was read */
	int64_t deploy_id; /* the last one that the fleet was told of */
	int64_t life_id;   /* the greatest of a life that is known */
	int64_t known_id;  /* the same a turn before: two servers may store a smaller id
			      after a greater one */
};

struct book *book_create(void);
void book_destroy(struct book *b);

/* Notes hosts, lives, versions and settings as they stand now. */
bool book_sync(
	struct book *b, struct db *db, int64_t now_ms, struct arena *a, struct err *e);

/* Tells the fleet of deploys and restarts that it does not know of yet. */
void book_tell_events(struct book *b);

/* NULL: unknown. */
struct book_seat *book_seat(const struct book *b, int64_t slot_id);
struct book_life *book_life(const struct book *b, int64_t life_id);

/* Whether a seat's process has ended: its agent reports, and says no more of it; or
 * will never report again.  While an agent is silent nobody knows. */
bool book_has_ended(const struct book *b, int64_t slot_id, int64_t now_ms);

/* The same of every seat that a version ran in last. */
bool book_version_has_ended(
	const struct book *b, int64_t fingerprint_id, int64_t now_ms);

/* Forgets lives that are over and read, and seats that nobody has sat in for as long as
 * the detector looks back: their ids, in the arena. */
int64_t *book_tidy(struct book *b, int64_t now_ms, struct arena *a, size_t *count);

enum analyse_sensitivity book_sensitivity(const char *word);

#endif
