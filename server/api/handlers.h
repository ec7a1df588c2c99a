/*
 * Handlers: what routes.c calls, by file.  Each reads its parameters, asks the store
 * and writes one answer as web/src/api/types.ts gives it; call.h says how they fail.
 */
#ifndef TIDEMARK_SERVER_API_HANDLERS_H
#define TIDEMARK_SERVER_API_HANDLERS_H

#include "server/api/call.h"

/* False when it failed: then the error is what is answered. */
typedef bool handler(struct call *c, struct err *e);

handler about_route_get, about_route_events;

handler agents_route_list, agents_route_revoke;

handler alert_steps_route_acknowledge, alert_steps_route_archive_one,
	alert_steps_route_assign, alert_steps_route_bulk, alert_steps_route_dismiss,
	alert_steps_route_note, alert_steps_route_reopen, alert_steps_route_resolve,
	alert_steps_route_undo;

handler alerts_route_list, alerts_route_get;

/* Everything that is not under /api; the console's own pages fall back to index.html.
 */
handler assets_route_get, assets_route_openapi;

handler audit_route_list;

handler bands_route_get;

handler captures_route_create, captures_route_list, captures_route_get,
	captures_route_confirm, captures_route_cancel;

handler cases_route_merge, cases_route_unmerge, cases_route_split;

handler compare_route_get;

handler config_groups_route_settings, config_groups_route_list, config_groups_route_get,
	config_groups_route_create, config_groups_route_put, config_groups_route_drop,
	config_groups_route_preview, config_groups_route_versions;

handler config_revisions_route_list, config_revisions_route_create,
	config_revisions_route_rollout, config_revisions_route_pause,
	config_revisions_route_promote, config_revisions_route_rollback,
	config_revisions_route_agents;

handler deploys_route_list, deploys_route_put;

handler experiments_route_list, experiments_route_get, experiments_route_create,
	experiments_route_end, experiments_route_drop;

handler feedback_route_list, feedback_route_withdraw;

handler findings_route_list;

handler fingerprints_route_list, fingerprints_route_get, fingerprints_route_diff,
	fingerprints_route_packages;

handler fleet_route_get;

handler groups_route_list;

handler health_route_alive, health_route_ready;

handler host_map_route_get;

handler hosts_route_get, hosts_route_set_labels;

handler hypotheses_route_list, hypotheses_route_create, hypotheses_route_remark,
	hypotheses_route_put, hypotheses_route_delete;

handler insides_route_get, insides_route_census, insides_route_warnings,
	insides_route_stray;

handler install_route_script, install_route_package;

handler instances_route_list, instances_route_host, instances_route_get;

handler memory_route_get;

handler metrics_route_list, metrics_route_own;

handler policy_route_get, policy_route_put;

handler queues_route_list, queues_route_service, queues_route_get, queues_route_series,
	queues_route_sources;

handler raw_route_ask, raw_route_get, raw_route_drop;

handler replays_route_create, replays_route_list, replays_route_get;

handler report_route_get;

handler search_route_find;

handler sensitivity_route_list, sensitivity_route_get, sensitivity_route_put;

handler series_route_get, series_route_host;

handler services_route_list, services_route_get;

handler session_route_get, session_route_create, session_route_delete,
	session_route_password, session_route_list, session_route_end;
/* Of no route: a new session of the caller, whose cookie the answer sets, after what he
 * may or how he proves it has changed and all his sessions have ended. */
handler session_route_renew;

handler silences_route_list, silences_route_create, silences_route_preview,
	silences_route_put, silences_route_end;

handler snapshots_route_list, snapshots_route_get, snapshots_route_compare;

handler storage_route_get;

handler users_route_list, users_route_create, users_route_put, users_route_password,
	users_route_retire, users_route_restore;

handler targets_route_list, targets_route_create, targets_route_put, targets_route_drop,
	targets_route_try, targets_route_turn;
handler messages_route_list, messages_route_of_target, messages_route_retry,
	messages_route_drop;

handler tokens_route_list, tokens_route_create, tokens_route_revoke;

/* Appends the same as Prometheus text 0.0.4; without the database, what is known
 * without. */
void storage_route_metrics(struct call *c, struct buf *out);
void messages_route_metrics(struct call *c, struct buf *out);

#endif
