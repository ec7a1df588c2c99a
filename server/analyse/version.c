#include "server/analyse/version.h"

#include "server/analyse/explain.h"
#include "server/analyse/words.h"

#include <math.h>

enum {
	VERDICTS = ANALYSE_LEAK + 1,
	FEW_SLOTS = 10, /* below, one leaking slot is enough */
	POOL_MIN = 5,
	POOL_SEEN_MS = 2 * 3600 * 1000,
};

static const double POOL_T = 5;
static const double POOL_RATE_OF_VALUE = 0.01; /* per hour */

static size_t hosts_of(
	const struct analyse_version *v, const bool *counted, struct arena *a)
{
	int64_t *seen = arena_array(a, v->count, sizeof *seen);
	size_t hosts = 0;
	for (size_t i = 0; i < v->count; i++) {
		bool known = counted && !counted[i];
		for (size_t h = 0; h < hosts && !known; h++)
			known = seen[h] == v->slots[i].host_id;
		if (!known)
			seen[hosts++] = v->slots[i].host_id;
	}
	return hosts;
}

/* Whether slots that each seem steady grow together. */
static bool pool_grows(const struct analyse_version *v, struct analyse_rate *rate)
{
	double sum = 0, squares = 0, values = 0, n = 0;
	for (size_t i = 0; i < v->count; i++) {
		const struct analyse_slot_result *r = &v->results[i];
		if (!r->rate.known || r->seen_ms < POOL_SEEN_MS)
			continue;
		sum += r->rate.kb_h;
		squares += r->rate.kb_h * r->rate.kb_h;
		values += r->value_kb;
		n++;
	}
	if (n < POOL_MIN)
		return false;
	double mean = sum / n;
	double error = sqrt(fmax(0, squares / n - mean * mean) / (n - 1));
	*rate = (struct analyse_rate){
		true, mean, mean - 2.8 * error, mean + 2.8 * error};
	return mean > POOL_T * error && mean > POOL_RATE_OF_VALUE * values / n;
}

static enum analyse_verdict pick(
	const struct analyse_version *v, const size_t *votes, bool pooled)
{
	size_t judged = v->count - votes[ANALYSE_LEARNING];
	size_t leaking = votes[ANALYSE_LEAK];
	if (leaking > 0 && (judged < FEW_SLOTS || leaking * 10 >= judged))
		return ANALYSE_LEAK;
	if (leaking > 0 || pooled || votes[ANALYSE_WATCH] * 3 >= judged + 2)
		return ANALYSE_WATCH;
	if (judged == 0)
		return ANALYSE_LEARNING;
	enum analyse_verdict most = ANALYSE_STEADY;
	for (enum analyse_verdict w = ANALYSE_STEADY; w <= ANALYSE_WATCH; w++)
		if (votes[w] > votes[most])
			most = w;
	return most;
}

/* Figures of the slots that show the verdict; of all when it is none of theirs. */
static void gather(const struct analyse_version *v, struct analyse_version_result *out)
{
	double n = 0;
	for (size_t i = 0; i < v->count; i++) {
		const struct analyse_slot_result *r = &v->results[i];
		if (r->verdict == ANALYSE_LEARNING && r->wait_s > 0 &&
			(out->wait_s == 0 || r->wait_s < out->wait_s))
			out->wait_s = r->wait_s;
		if (r->verdict != out->verdict)
			continue;
		if (r->onset_ms && (!out->onset_ms || r->onset_ms < out->onset_ms))
			out->onset_ms = r->onset_ms;
		if (r->exhaust_ms &&
			(!out->exhaust_ms || r->exhaust_ms < out->exhaust_ms))
			out->exhaust_ms = r->exhaust_ms;
		if (!r->rate.known)
			continue;
		n++;
		out->rate.kb_h += (r->rate.kb_h - out->rate.kb_h) / n;
		out->rate.low_kb_h += (r->rate.low_kb_h - out->rate.low_kb_h) / n;
		out->rate.high_kb_h += (r->rate.high_kb_h - out->rate.high_kb_h) / n;
		out->rate.known = true;
	}
	if (out->verdict != ANALYSE_LEARNING)
		out->wait_s = 0;
}

static const char *summary_of(const struct analyse_version *v,
	const struct analyse_version_result *r, size_t showing, int64_t now_ms,
	struct arena *a)
{
	const char *name = v->version && *v->version
				   ? arena_printf(a, "%s %s", v->service, v->version)
				   : arena_printf(
					     a, "%s (unknown version)", v->service);
	const char *where = arena_printf(a, "%zu of %s on %s", showing,
		words_count(a, r->slots, "instance"), words_count(a, r->hosts, "host"));
	const char *rate = words_rate(a, &r->rate);
	const char *until = !r->exhaust_ms
				    ? ""
				    : arena_printf(a,
					      "; the first reaches its limit in %s",
					      words_span(a, r->exhaust_ms - now_ms));
	switch (r->verdict) {
	case ANALYSE_LEARNING:
		return arena_printf(a, "%s: learning, about %s more", name,
			words_span(a, r->wait_s * 1000));
	case ANALYSE_STEADY:
		return arena_printf(a, "%s is steady: %s", name, where);
	case ANALYSE_WARMUP:
		return arena_printf(a, "%s is warming up: %s", name, where);
	case ANALYSE_STEP:
		return arena_printf(a, "%s rose once and stayed: %s", name, where);
	case ANALYSE_WATCH:
		return arena_printf(a,
			"%s grows, not yet surely a leak: %s by %s each%s", name, where,
			rate, until);
	case ANALYSE_LEAK:
		return arena_printf(
			a, "%s leaks: %s grow by %s each%s", name, where, rate, until);
	}
	return "";
}

/* The newest words of the slot that speaks best for the verdict. */
static void add_example(const struct analyse_version *v,
	const struct analyse_version_result *r, struct explain_list *list)
{
	const struct analyse_slot_result *best = NULL;
	for (size_t i = 0; i < v->count; i++) {
		const struct analyse_slot_result *s = &v->results[i];
		if (s->verdict == r->verdict && (!best || s->seen_ms > best->seen_ms))
			best = s;
	}
	for (size_t i = 0; best && i < best->reason_count; i++)
		explain_add(list, best->reasons[i].speaks_for, best->reasons[i].text);
}

static void add_contrast(const struct analyse_version *v,
	const struct analyse_version_result *r, struct explain_list *list,
	struct arena *a)
{
	bool leaks = r->verdict == ANALYSE_LEAK || r->verdict == ANALYSE_WATCH;
	for (size_t i = 0; i < v->other_count && i < 3; i++) {
		const struct analyse_other *o = &v->others[i];
		if (o->verdict == ANALYSE_LEARNING)
			continue;
		bool differs = (o->slots_leaking > 0) != (r->slots_leaking > 0);
		if (!leaks && !differs)
			continue;
		explain_add(list, leaks ? differs : false,
			arena_printf(a, "Of version %s, %zu of %s leak",
				words_version(o->version), o->slots_leaking,
				words_count(a, o->slots, "instance")));
	}
}

static void add_counts(const struct analyse_version_result *r, size_t learning,
	bool pooled, struct explain_list *list, struct arena *a)
{
	bool leaks = r->verdict == ANALYSE_LEAK;
	if (leaks)
		explain_add(list, 2 * r->slots_leaking > r->slots,
			arena_printf(a, "%zu of %s on %zu of %s leak", r->slots_leaking,
				words_count(a, r->slots, "instance"), r->hosts_leaking,
				words_count(a, r->hosts, "host")));
	else if (r->slots_leaking)
		explain_add(list, false,
			arena_printf(a, "%zu of %s leak: too few to blame the version",
				r->slots_leaking,
				words_count(a, r->slots, "instance")));
	if (pooled && r->verdict == ANALYSE_WATCH)
		explain_add(list, true,
			"Together the instances grow, though each stays within its "
			"noise");
	if (leaks && r->hosts == 1)
		explain_add(list, false, "Only one host runs this version");
	if (learning && r->verdict != ANALYSE_LEARNING)
		explain_add(list, false,
			arena_printf(a, "%s not judged yet",
				words_count(a, learning, "instance")));
}

void version_judge(const struct analyse_version *v, int64_t now_ms, struct arena *a,
	struct analyse_version_result *out)
{
	size_t votes[VERDICTS] = {0};
	bool *leaking = arena_array(a, v->count, sizeof *leaking);
	for (size_t i = 0; i < v->count; i++) {
		votes[v->results[i].verdict]++;
		leaking[i] = v->results[i].verdict == ANALYSE_LEAK;
	}
	struct analyse_rate together = {0};
	bool pooled = pool_grows(v, &together);
	*out = (struct analyse_version_result){
		.verdict = pick(v, votes, pooled),
		.slots = v->count,
		.slots_leaking = votes[ANALYSE_LEAK],
		.hosts = hosts_of(v, NULL, a),
		.hosts_leaking = hosts_of(v, leaking, a),
	};
	gather(v, out);
	size_t showing = votes[out->verdict];
	if (pooled && out->verdict == ANALYSE_WATCH && !showing) {
		out->rate = together;
		showing = v->count;
	}
	struct explain_list list = {0};
	add_counts(out, votes[ANALYSE_LEARNING], pooled, &list, a);
	add_contrast(v, out, &list, a);
	add_example(v, out, &list);
	out->summary = summary_of(v, out, showing, now_ms, a);
	out->reasons = explain_finish(&list, a);
	out->reason_count = list.count;
}
