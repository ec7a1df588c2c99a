#include "server/analyse/outlier.h"

#include "server/analyse/chance.h"
#include "server/analyse/robust.h"
#include "server/analyse/words.h"

#include <math.h>
#include <stdlib.h>

static const double LIMIT_Z = 3.5;

struct figure {
	int64_t host_id;
	double value;
};

static int by_host(const void *left, const void *right)
{
	const struct figure *a = left, *b = right;
	return (a->host_id > b->host_id) - (a->host_id < b->host_id);
}

/* One figure for each host, the median of its slots; returns how many hosts have one.
 */
static size_t join_hosts(const struct outlier_input *in, bool by_slope, struct arena *a,
	struct figure *out)
{
	size_t count = 0, hosts = 0;
	for (size_t i = 0; i < in->count; i++) {
		const struct outlier_slot *s = &in->slots[i];
		double value = by_slope ? s->slope_kb_h : s->level_kb;
		if (isfinite(value))
			out[count++] = (struct figure){s->host_id, value};
	}
	qsort(out, count, sizeof *out, by_host);
	double *values = arena_array(a, count ? count : 1, sizeof *values);
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from; to < count && out[to].host_id == out[from].host_id;
			to++)
			values[to - from] = out[to].value;
		out[hosts++] = (struct figure){
			out[from].host_id, robust_median(values, to - from)};
	}
	return hosts;
}

/* As rare for Student's t as 3.5 is for normal noise. */
static double limit_of(size_t peers)
{
	double rare = robust_normal_tail(LIMIT_Z);
	return robust_t_quantile(1 - rare, (double)(peers - 1));
}

static void hold_against_peers(const struct outlier_input *in, bool by_slope,
	struct arena *a, struct outlier_result *out)
{
	*out = (struct outlier_result){.by_slope = by_slope, .sentence = ""};
	struct figure *figures = arena_array(
		a, in->count ? in->count : 1, sizeof *figures);
	size_t hosts = join_hosts(in, by_slope, a, figures);
	double *peers = arena_array(a, hosts ? hosts : 1, sizeof *peers);
	bool found = false;
	for (size_t i = 0; i < hosts; i++) {
		if (figures[i].host_id != in->host_id) {
			peers[out->peers++] = figures[i].value;
			continue;
		}
		found = true;
		out->value = figures[i].value;
	}
	if (!found || out->peers < OUTLIER_PEERS_MIN)
		return;
	double floor = by_slope ? in->floor_kb_h : in->floor_kb;
	out->known = true;
	out->spread = fmax(robust_spread(peers, out->peers, a), fmax(floor, 1e-9));
	out->median = robust_median(peers, out->peers);
	out->z = (out->value - out->median) / out->spread;
	out->limit_z = limit_of(out->peers);
	out->stands_out = out->z >= out->limit_z;
}

static const char *per_hour(struct arena *a, double kb_h)
{
	return arena_printf(a, "%s/h", words_memory(a, kb_h));
}

static const char *sentence_of(struct arena *a, const struct outlier_result *r)
{
	const char *peers = words_count(a, r->peers, "peer host");
	if (r->by_slope)
		return arena_printf(a,
			"Grows by %s; its %s on the same version by %s (%.0f times "
			"their "
			"spread away)",
			per_hour(a, r->value), peers, per_hour(a, r->median), r->z);
	return arena_printf(a,
		"Takes %s; its %s on the same version at this age %s (%.0f times their "
		"spread away)",
		words_memory(a, r->value), peers, words_memory(a, r->median), r->z);
}

void outlier_judge(
	const struct outlier_input *in, struct arena *a, struct outlier_result *out)
{
	struct outlier_result level;
	hold_against_peers(in, true, a, out);
	hold_against_peers(in, false, a, &level);
	if (!out->stands_out && (level.stands_out || !out->known))
		*out = level;
	if (out->stands_out)
		out->sentence = sentence_of(a, out);
}
