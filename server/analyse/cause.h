/*
 * Cause: what leaking versions have in common, and what happened when it began.
 *
 * One rule: every "part = value" of the fingerprints is held against who leaks, after
 * the one-rule classifier of Holte (1993), by Fisher's exact test (1922), one-sided.
 * Parts that are always deployed together explain equally well; this is said, not
 * hidden.
 *
 * Natural experiment: an event explains an onset that may have followed it shortly.
 * What counts is how many onsets do, against how often a moment picked at random would
 * too: a restart every night explains nothing.  Pure.
 */
#ifndef TIDEMARK_SERVER_ANALYSE_CAUSE_H
#define TIDEMARK_SERVER_ANALYSE_CAUSE_H

#include "common/arena.h"
#include "server/analyse/analyse.h"
#include "server/analyse/fleet.h"

struct cause_version {
	int64_t fingerprint_id;
	const struct fleet_part *parts;
	size_t part_count;
	size_t slots, slots_leaking; /* judged ones only */
	size_t hosts, hosts_leaking;
	/* It may have parts that are not listed: where none of a name is, nobody knows,
	 * and it counts neither for nor against them. */
	bool lacks_parts;
};

struct cause_rule {
	const char *name, *value; /* of the caller */
	size_t leaking_with, clean_with, leaking_without, clean_without;
	bool counts_hosts; /* else slots: too few hosts */
	double p_value;
	double purity;                   /* share of those with it that leak */
	bool exact;                      /* who has it leaks, who has not does not */
	size_t versions;                 /* that have it */
	const struct fleet_part *equals; /* other parts on just the same versions */
	size_t equal_count;
	const char *sentence;
};

struct cause_rules {
	const struct cause_rule *items; /* best first */
	size_t count;
};

enum { CAUSE_RULES_MAX = 8 };

/* Parts are named in the order in which versions list them: the simplest first.  Only
 * rules that go with leaking are returned; none when nothing leaks, or everything. */
void cause_explain(const struct cause_version *versions, size_t count, struct arena *a,
	struct cause_rules *out);

/* Counts for one part whether it goes with leaking, and how much: a rule without
 * `equals` and `sentence`.  Its value may be NULL: versions that surely have none of
 * that name. */
void cause_count(const struct cause_version *versions, size_t count,
	const struct fleet_part *part, struct arena *a, struct cause_rule *out);

struct cause_event {
	enum fleet_event_kind kind;
	int64_t at_ms;
	const char *text;
};

struct cause_match {
	const struct cause_event *event;
	size_t onsets, of; /* that may have followed it, of all known */
	size_t times;      /* events of this kind and text */
	double chance;     /* that a random moment lies so close behind one */
	double score;      /* share of the onsets x -ln chance */
	bool convincing;   /* most onsets, and hardly by chance */
	const char *sentence;
};

struct cause_experiment {
	const struct analyse_moment
		*onsets; /* of slots; those without at_ms are left out */
	size_t onset_count;
	const struct cause_event *events;
	size_t event_count;
	int64_t from_ms, to_ms; /* events of this time are known */
	int64_t tolerance_ms;   /* growth may take so long to begin after an event */
};

/* Best first, one for each kind and text. */
struct cause_matches {
	const struct cause_match *items;
	size_t count;
};
void cause_rank_events(
	const struct cause_experiment *in, struct arena *a, struct cause_matches *out);

#endif
