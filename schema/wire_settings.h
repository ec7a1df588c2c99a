/*
 * Wire settings: what an agent is told to run and what it says that it runs, as parts
 * of receipts and uploads.  For wire.c.
 *
 * Encoding takes what setting.h describes; decoding copies into the arena and checks
 * numbers, order, sizes and texts, but not whether a value is one that a setting takes:
 * that is for the agent to answer.
 */
#ifndef TIDEMARK_SCHEMA_WIRE_SETTINGS_H
#define TIDEMARK_SCHEMA_WIRE_SETTINGS_H

#include "common/arena.h"
#include "common/err.h"
#include "schema/setting.h"
#include "schema/tidemark.pb-c.h"

#include <stdbool.h>

Tidemark__SettingsState *wire_settings_encode_state(
	const struct setting_state *state, struct arena *a);
/* NULL when the cost is not known. */
Tidemark__AgentCost *wire_settings_encode_cost(
	const struct setting_state *state, struct arena *a);

/* *out is NULL when `m` is. */
bool wire_settings_decode_state(const Tidemark__SettingsState *m,
	const Tidemark__AgentCost *cost, struct arena *a,
	const struct setting_state **out, struct err *e);

Tidemark__Settings *wire_settings_encode_orders(
	const struct setting_orders *orders, struct arena *a);

/* *out is NULL when `m` is. */
bool wire_settings_decode_orders(const Tidemark__Settings *m, struct arena *a,
	const struct setting_orders **out, struct err *e);

#endif
