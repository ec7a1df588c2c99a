/*
 * Fleet: everything that is watched, in memory, judged as its readings come.
 *
 * The one door to the detector: the watch feeds it from the database, the backtest and
 * the replay feed it from history, and all three hear the same.  A slot is judged when
 * one of its bins closes, by its own readings' time; versions, causes and the fleet as
 * a whole are judged in fleet_step.  State is a fold over readings and steps: equal
 * readings in equal order give equal verdicts, and a slot that was saved and loaded
 * goes on as if nothing had happened.
 *
 * Belongs to one thread.  Pure: no I/O, no clock.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_FLEET_H
#define TIDEMARK_SERVER_ANALYSE_FLEET_H

#include "common/arena.h"
#include "server/analyse/analyse.h"
#include "server/analyse/reading.h"

struct fleet;

struct fleet *fleet_create(void);
void fleet_destroy(struct fleet *f);

/* A seat of a service on a host. */
struct fleet_seat {
	int64_t slot_id, service_id, host_id;
};

/* Makes the slot known with its first reading.  Readings of one slot come in order of
 * time; those that do not, and those that are no numbers, are counted and left out.
 * False: this one was. */
bool fleet_put(struct fleet *f, const struct fleet_seat *seat,
	const struct reading_life *life, const struct reading *r);

/* What is known of a version.  Parts explain what leaking versions share: {"version",
 * "2.3.1"}, {"@pm2/io", "4.2.1"}.  Texts are copied.  Tell it again when it changed. */
struct fleet_part {
	const char *name, *value;
};
struct fleet_version {
	int64_t service_id, fingerprint_id;
	const char *service, *version; /* for words */
	const struct fleet_part *parts;
	size_t part_count;
	bool lacks_parts; /* it may have more, of other names than these */
};
void fleet_tell_version(struct fleet *f, const struct fleet_version *v);

void fleet_set_sensitivity(
	struct fleet *f, int64_t service_id, enum analyse_sensitivity sensitivity);

void fleet_forget_slot(struct fleet *f, int64_t slot_id);

struct fleet_slot {
	struct fleet_seat seat;
	int64_t fingerprint_id, life_id;
	int64_t at_ms; /* newest reading */
	enum analyse_level level;
	enum analyse_kind kind;
	enum analyse_verdict verdict;
	enum analyse_series series;
	bool silent; /* no reading for a while: what it said last stands */
	struct analyse_rate rate;
	struct analyse_moment onset, exhaust; /* when the limit is reached */
	double value_kb, limit_kb, scale_kb;
	int64_t wait_s;  /* for ANALYSE_LEARNING */
	size_t restarts; /* lives that were judged, less one */
	int64_t seen_ms; /* length of the readings that the verdict rests on */
	double p_value;  /* of the slope, one-sided */
	const char *summary;
	struct analyse_reasons reasons;
};
/* Its slots taken together. */
struct fleet_version_result {
	int64_t service_id, fingerprint_id, at_ms;
	enum analyse_level level;
	enum analyse_kind kind;
	enum analyse_verdict verdict;
	struct analyse_rate rate; /* of one slot */
	size_t slots, slots_leaking, hosts, hosts_leaking;
	struct analyse_moment onset, exhaust;
	int64_t wait_s;
	const char *summary;
	struct analyse_reasons reasons;
};

/* One cause: a service, a kind, and the versions and slots inside. */
struct fleet_finding {
	int64_t service_id;
	enum analyse_kind kind;
	enum analyse_level level;       /* ANALYSE_EARLY or ANALYSE_CONFIRMED */
	int64_t lead_fingerprint_id;    /* the version that leaks most */
	const int64_t *fingerprint_ids; /* all that leak */
	size_t fingerprint_count;
	const int64_t *slot_ids; /* that leak; rates side by side */
	const struct analyse_rate *slot_rates;
	size_t slot_count;
	size_t slots, hosts, hosts_leaking; /* of these versions */
	bool is_joint; /* a version as a whole says it, not only slots of it */
	struct analyse_rate rate;
	struct analyse_moment onset, exhaust; /* of the first slot */
	const char *cause;                    /* "@pm2/io 4.2.1", "version 2.3.1", "" */
	const char *summary;
	struct analyse_reasons reasons;
};

/* What fleet_step found changed since the step before; all of it in the arena.
 * Findings are always complete: what is not among them is not found (any more). */
struct fleet_report {
	const struct fleet_slot *slots;
	size_t slot_count;
	const struct fleet_version_result *versions;
	size_t version_count;
	const struct fleet_finding *findings;
	size_t finding_count;
	size_t slots_known, slots_judged; /* in all; anew since the step before */
};

/* What happened to a service and may explain an onset. */
enum fleet_event_kind {
	FLEET_EVENT_DEPLOY,
	FLEET_EVENT_RESTART,
	FLEET_EVENT_LOAD,
	FLEET_EVENT_CONFIG,
};
void fleet_tell_event(struct fleet *f, int64_t service_id, enum fleet_event_kind kind,
	int64_t at_ms, const char *text);

/* Judges what changed.  `now_ms` never goes back; slots without a reading for a
 * quarter of an hour (or three times their usual distance) fall silent. */
void fleet_step(
	struct fleet *f, int64_t now_ms, struct arena *a, struct fleet_report *out);

/* The next step tells of all slots and versions, as if each had changed. */
void fleet_tell_all(struct fleet *f);

/* All that is known of one slot, whether or not it changed; false: unknown slot. */
bool fleet_look(
	struct fleet *f, int64_t slot_id, struct arena *a, struct fleet_slot *out);

/* A slot's state, in the arena: trace, verdict and what holds it.  fleet_load_slot is
 * false when the bytes are damaged or of another version: then feed its history. */
const uint8_t *fleet_save_slot(
	struct fleet *f, int64_t slot_id, struct arena *a, size_t *count);
bool fleet_load_slot(struct fleet *f, const struct fleet_seat *seat,
	const uint8_t *bytes, size_t count);

/* The same of what services have learnt: how they warm up, what their versions did. */
const uint8_t *fleet_save_service(
	struct fleet *f, int64_t service_id, struct arena *a, size_t *count);
bool fleet_load_service(
	struct fleet *f, int64_t service_id, const uint8_t *bytes, size_t count);

/* Newest reading of a slot: what came later is to be fed.  0: none. */
int64_t fleet_slot_at_ms(const struct fleet *f, int64_t slot_id);

size_t fleet_slot_size(const struct fleet *f, int64_t slot_id); /* bytes held */

#endif
