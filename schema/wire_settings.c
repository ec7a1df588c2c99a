#include "schema/wire_settings.h"

#include "schema/wire_limits.h"
#include "schema/wire_text.h"

/* A core that is used a thousandfold is none. */
enum { WIRE_SETTINGS_PPM_MAX = 1000 * 1000 * 1000 };

Tidemark__SettingsState *wire_settings_encode_state(
	const struct setting_state *state, struct arena *a)
{
	Tidemark__SettingsState *m = arena_alloc(a, sizeof *m);
	tidemark__settings_state__init(m);
	m->revision = state->revision;
	m->hash = state->hash;
	BUG_ON(state->exception_count > SETTING_EXCEPTIONS_MAX);
	m->n_exceptions = state->exception_count;
	m->exceptions = arena_array(a, m->n_exceptions, sizeof *m->exceptions);
	for (size_t i = 0; i < m->n_exceptions; i++) {
		m->exceptions[i] = arena_alloc(a, sizeof **m->exceptions);
		tidemark__setting_exception__init(m->exceptions[i]);
		m->exceptions[i]->setting = state->exceptions[i].number;
		m->exceptions[i]->fate = state->exceptions[i].fate;
	}
	return m;
}

Tidemark__AgentCost *wire_settings_encode_cost(
	const struct setting_state *state, struct arena *a)
{
	if (!state->has_cost)
		return NULL;
	Tidemark__AgentCost *m = arena_alloc(a, sizeof *m);
	tidemark__agent_cost__init(m);
	m->cpu_ppm = state->cpu_ppm;
	m->rss_bytes = state->rss_bytes;
	return m;
}

static bool wire_settings_take_cost(
	const Tidemark__AgentCost *m, struct setting_state *out, struct err *e)
{
	if (m->cpu_ppm > WIRE_SETTINGS_PPM_MAX || m->rss_bytes > INT64_MAX)
		return err_set(e, ERR_INPUT, "cost: too large");
	out->has_cost = true;
	out->cpu_ppm = m->cpu_ppm;
	out->rss_bytes = m->rss_bytes;
	return true;
}

bool wire_settings_decode_state(const Tidemark__SettingsState *m,
	const Tidemark__AgentCost *cost, struct arena *a,
	const struct setting_state **out, struct err *e)
{
	*out = NULL;
	if (!m)
		return true;
	struct setting_state *state = arena_alloc(a, sizeof *state);
	state->revision = m->revision;
	state->hash = m->hash;
	if (m->revision > INT64_MAX)
		return err_set(e, ERR_INPUT, "settings: revision: too large");
	if (m->n_exceptions > SETTING_EXCEPTIONS_MAX)
		return err_set(e, ERR_INPUT,
			"settings: %zu exceptions, at most %d are allowed",
			m->n_exceptions, SETTING_EXCEPTIONS_MAX);
	for (size_t i = 0; i < m->n_exceptions; i++) {
		const Tidemark__SettingException *x = m->exceptions[i];
		if (x->fate == SETTING_APPLIED || x->fate >= SETTING_FATES)
			continue;
		state->exceptions[state->exception_count++] =
			(struct setting_exception){
				x->setting, (enum setting_fate)x->fate};
	}
	if (cost && !wire_settings_take_cost(cost, state, e))
		return false;
	*out = state;
	return true;
}

Tidemark__Settings *wire_settings_encode_orders(
	const struct setting_orders *orders, struct arena *a)
{
	Tidemark__Settings *m = arena_alloc(a, sizeof *m);
	tidemark__settings__init(m);
	m->revision = orders->revision;
	m->hash = orders->hash;
	BUG_ON(orders->count > WIRE_SETTINGS_MAX);
	m->n_settings = orders->count;
	m->settings = arena_array(a, m->n_settings, sizeof *m->settings);
	for (size_t i = 0; i < m->n_settings; i++) {
		m->settings[i] = arena_alloc(a, sizeof **m->settings);
		tidemark__setting__init(m->settings[i]);
		m->settings[i]->setting = orders->values[i].number;
		m->settings[i]->value = (char *)orders->values[i].value;
	}
	return m;
}

static bool wire_settings_take(const Tidemark__Settings *m, size_t i, struct arena *a,
	struct setting_value *out, struct err *e)
{
	const Tidemark__Setting *s = m->settings[i];
	if (s->setting == 0 || (i > 0 && s->setting <= m->settings[i - 1]->setting))
		return err_set(e, ERR_INPUT, "out of order");
	if (!wire_text_check_long(s->value, SETTING_VALUE_MAX, e))
		return false;
	*out = (struct setting_value){s->setting, arena_strdup(a, s->value)};
	return true;
}

bool wire_settings_decode_orders(const Tidemark__Settings *m, struct arena *a,
	const struct setting_orders **out, struct err *e)
{
	*out = NULL;
	if (!m)
		return true;
	struct setting_orders *orders = arena_alloc(a, sizeof *orders);
	struct setting_value *values = arena_array(a, m->n_settings, sizeof *values);
	orders->revision = m->revision;
	orders->hash = m->hash;
	orders->values = values;
	if (m->revision > INT64_MAX)
		return err_set(e, ERR_INPUT, "settings: revision: too large");
	if (m->n_settings > WIRE_SETTINGS_MAX)
		return err_set(e, ERR_INPUT,
			"settings: %zu of them, at most %d are allowed", m->n_settings,
			WIRE_SETTINGS_MAX);
	for (size_t i = 0; i < m->n_settings; i++) {
		if (!wire_settings_take(m, i, a, &values[i], e))
			return err_wrap(e, "settings: %zu", i);
		orders->count++;
	}
	if (m->hash != setting_hash(values, orders->count))
		return err_set(e, ERR_INPUT, "settings: their hash is another one");
	*out = orders;
	return true;
}
