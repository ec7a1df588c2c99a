/*
 * Shape: the parts of answers that several routes share, as web/src/api/types.ts and
 * schema/openapi.yaml give them.  Pure: writes into the caller's writer.
 */
#ifndef TIDEMARK_SERVER_API_SHAPE_H
#define TIDEMARK_SERVER_API_SHAPE_H

#include "common/json.h"
#include "server/store/alerts.h"
#include "server/store/findings.h"
#include "server/store/services.h"

/* 0 is null. */
void shape_put_json(struct json *j, const char *key, const char *json);
void shape_put_time(struct json *j, const char *key, int64_t unix_ms);
/* Negative is null. */
void shape_put_count(struct json *j, const char *key, int64_t value);

/* "" is null. */
void shape_put_word(struct json *j, const char *key, const char *word);

void shape_put_rate(struct json *j, const char *key, const struct figures_rate *rate);

/* {"at_ms": 7, "low_ms": 5, "high_ms": null}; null when not known. */
void shape_put_moment(
	struct json *j, const char *key, const struct figures_moment *moment);

/* The members "level" and "kind", null where there is none. */
void shape_put_level(struct json *j, const char *level, const char *kind);

/* {"id": 1, <name_key>: "..."} */
void shape_put_name(struct json *j, const char *key, const char *name_key,
	const struct figures_name *name);

void shape_version(struct json *j, const struct services_version *v);
void shape_finding(struct json *j, const struct findings_row *f);

/* The members of an alert's row, inside an object that the caller opened. */
void shape_alert_members(struct json *j, const struct alerts_row *a);

#endif
