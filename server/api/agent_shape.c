#include "server/api/agent_shape.h"

#include "server/api/config_shape.h"
#include "server/api/shape.h"

/* How old the newest sample was when it was stored. */
static void agent_shape_put_lag(struct json *j, const struct agent_list_row *a)
{
	int64_t lag_ms = a->last_seen_ms - a->last_sample_ms;
	if (!a->last_seen_ms || !a->last_sample_ms)
		json_put_null(j, "lag_ms");
	else
		json_put_int(j, "lag_ms", lag_ms > 0 ? lag_ms : 0);
}

static void agent_shape_put_config(struct json *j, const struct agent_list_row *a)
{
	if (!a->config_state) {
		json_put_null(j, "config");
		return;
	}
	json_key(j, "config");
	json_object(j);
	config_shape_put_group(j, "group", &a->group);
	json_put_string(j, "state", a->config_state);
	config_shape_put_id(j, "desired", a->desired_id);
	config_shape_put_id(j, "acknowledged", a->acked_id);
	json_end(j);
}

void agent_shape(struct json *j, const struct agent_list_row *a)
{
	json_object(j);
	json_put_int(j, "id", a->id);
	shape_put_name(j, "host", "name", &a->host);
	json_put_string(j, "version", a->version);
	json_put_int(j, "enrolled_at_ms", a->enrolled_ms);
	shape_put_time(j, "revoked_at_ms", a->revoked_ms);
	shape_put_time(j, "last_seen_at_ms", a->last_seen_ms);
	json_put_string(j, "state", a->state);
	agent_shape_put_lag(j, a);
	if (a->skew_known)
		json_put_int(j, "clock_skew_ms", a->clock_skew_ms);
	else
		json_put_null(j, "clock_skew_ms");
	json_put_int(j, "spool_bytes", a->spool_bytes);
	json_put_int(j, "spool_batches", a->spool_batches);
	json_put_int(j, "stored_batches", a->stored_batches);
	json_put_int(j, "repeated_batches", a->repeated_batches);
	json_put_int(j, "refused_batches", a->refused_batches);
	json_put_int(j, "refused_values", a->refused_values);
	json_put_string(j, "last_refusal", a->last_refusal);
	json_put_int(j, "lost_batches", a->lost_batches);
	json_put_string(j, "kernel", a->kernel);
	json_put_int(j, "cpus", a->cpus);
	json_put_int(j, "interval_ms", a->interval_ms);
	shape_put_count(j, "mem_total_kb", a->mem_total_kb);
	shape_put_count(j, "mem_available_kb", a->mem_available_kb);
	agent_shape_put_config(j, a);
	config_shape_put_cost(j, a->cpu_ppm, a->rss_bytes);
	json_end(j);
}
