/*
 * Handlers: what routes.c calls, by file.  Each reads its parameters, asks the store
 * and writes one answer as web/src/api/types.ts gives it; call.h says how they fail.
 */
#ifndef TIDEMARK_SERVER_API_HANDLERS_H
#define TIDEMARK_SERVER_API_HANDLERS_H

#include "server/api/call.h"

bool about_route_get(struct call *c, struct err *e);
bool about_route_events(struct call *c, struct err *e);

bool agents_route_list(struct call *c, struct err *e);
bool agents_route_revoke(struct call *c, struct err *e);

bool alert_steps_route_acknowledge(struct call *c, struct err *e);
bool alert_steps_route_archive_one(struct call *c, struct err *e);
bool alert_steps_route_assign(struct call *c, struct err *e);
bool alert_steps_route_bulk(struct call *c, struct err *e);
bool alert_steps_route_dismiss(struct call *c, struct err *e);
bool alert_steps_route_note(struct call *c, struct err *e);
bool alert_steps_route_reopen(struct call *c, struct err *e);
bool alert_steps_route_resolve(struct call *c, struct err *e);
bool alert_steps_route_undo(struct call *c, struct err *e);

bool alerts_route_list(struct call *c, struct err *e);
bool alerts_route_get(struct call *c, struct err *e);

/* Everything that is not under /api; the console's own pages fall back to index.html.
 */
bool assets_route_get(struct call *c, struct err *e);
bool assets_route_openapi(struct call *c, struct err *e);

bool audit_route_list(struct call *c, struct err *e);

bool bands_route_get(struct call *c, struct err *e);

bool captures_route_create(struct call *c, struct err *e);
bool captures_route_list(struct call *c, struct err *e);
bool captures_route_get(struct call *c, struct err *e);
bool captures_route_confirm(struct call *c, struct err *e);
bool captures_route_cancel(struct call *c, struct err *e);

bool cases_route_merge(struct call *c, struct err *e);
bool cases_route_unmerge(struct call *c, struct err *e);
bool cases_route_split(struct call *c, struct err *e);

bool compare_route_get(struct call *c, struct err *e);

bool deploys_route_list(struct call *c, struct err *e);
bool deploys_route_put(struct call *c, struct err *e);

bool experiments_route_list(struct call *c, struct err *e);
bool experiments_route_get(struct call *c, struct err *e);
bool experiments_route_create(struct call *c, struct err *e);
bool experiments_route_end(struct call *c, struct err *e);
bool experiments_route_drop(struct call *c, struct err *e);

bool feedback_route_list(struct call *c, struct err *e);
bool feedback_route_withdraw(struct call *c, struct err *e);

bool findings_route_list(struct call *c, struct err *e);

bool fingerprints_route_list(struct call *c, struct err *e);
bool fingerprints_route_get(struct call *c, struct err *e);
bool fingerprints_route_diff(struct call *c, struct err *e);
bool fingerprints_route_packages(struct call *c, struct err *e);

bool fleet_route_get(struct call *c, struct err *e);

bool groups_route_list(struct call *c, struct err *e);

bool health_route_alive(struct call *c, struct err *e);
bool health_route_ready(struct call *c, struct err *e);

bool host_map_route_get(struct call *c, struct err *e);

bool hosts_route_get(struct call *c, struct err *e);
bool hosts_route_set_labels(struct call *c, struct err *e);

bool hypotheses_route_list(struct call *c, struct err *e);
bool hypotheses_route_create(struct call *c, struct err *e);
bool hypotheses_route_remark(struct call *c, struct err *e);
bool hypotheses_route_put(struct call *c, struct err *e);
bool hypotheses_route_delete(struct call *c, struct err *e);

bool insides_route_get(struct call *c, struct err *e);
bool insides_route_census(struct call *c, struct err *e);
bool insides_route_warnings(struct call *c, struct err *e);
bool insides_route_stray(struct call *c, struct err *e);

bool instances_route_list(struct call *c, struct err *e);
bool instances_route_host(struct call *c, struct err *e);
bool instances_route_get(struct call *c, struct err *e);

bool memory_route_get(struct call *c, struct err *e);

bool metrics_route_list(struct call *c, struct err *e);
bool metrics_route_own(struct call *c, struct err *e);

bool policy_route_get(struct call *c, struct err *e);
bool policy_route_put(struct call *c, struct err *e);

bool queues_route_list(struct call *c, struct err *e);
bool queues_route_service(struct call *c, struct err *e);
bool queues_route_get(struct call *c, struct err *e);
bool queues_route_series(struct call *c, struct err *e);
bool queues_route_sources(struct call *c, struct err *e);

bool raw_route_ask(struct call *c, struct err *e);
bool raw_route_get(struct call *c, struct err *e);
bool raw_route_drop(struct call *c, struct err *e);

bool replays_route_create(struct call *c, struct err *e);
bool replays_route_list(struct call *c, struct err *e);
bool replays_route_get(struct call *c, struct err *e);

bool report_route_get(struct call *c, struct err *e);

bool search_route_find(struct call *c, struct err *e);

bool sensitivity_route_list(struct call *c, struct err *e);
bool sensitivity_route_get(struct call *c, struct err *e);
bool sensitivity_route_put(struct call *c, struct err *e);

bool series_route_get(struct call *c, struct err *e);
bool series_route_host(struct call *c, struct err *e);

bool services_route_list(struct call *c, struct err *e);
bool services_route_get(struct call *c, struct err *e);

bool session_route_get(struct call *c, struct err *e);
bool session_route_create(struct call *c, struct err *e);
bool session_route_delete(struct call *c, struct err *e);
bool session_route_password(struct call *c, struct err *e);

bool silences_route_list(struct call *c, struct err *e);
bool silences_route_create(struct call *c, struct err *e);
bool silences_route_preview(struct call *c, struct err *e);
bool silences_route_put(struct call *c, struct err *e);
bool silences_route_end(struct call *c, struct err *e);

bool snapshots_route_list(struct call *c, struct err *e);
bool snapshots_route_get(struct call *c, struct err *e);
bool snapshots_route_compare(struct call *c, struct err *e);

bool storage_route_get(struct call *c, struct err *e);
/* Appends the same as Prometheus text 0.0.4; without the database, what is known
 * without. */
void storage_route_metrics(struct call *c, struct buf *out);

bool users_route_list(struct call *c, struct err *e);
bool users_route_create(struct call *c, struct err *e);
bool users_route_put(struct call *c, struct err *e);
bool users_route_password(struct call *c, struct err *e);
bool users_route_retire(struct call *c, struct err *e);
bool users_route_restore(struct call *c, struct err *e);

bool targets_route_list(struct call *c, struct err *e);
bool targets_route_create(struct call *c, struct err *e);
bool targets_route_put(struct call *c, struct err *e);
bool targets_route_drop(struct call *c, struct err *e);
bool targets_route_try(struct call *c, struct err *e);
bool targets_route_messages(struct call *c, struct err *e);
bool targets_route_retry(struct call *c, struct err *e);

bool tokens_route_list(struct call *c, struct err *e);
bool tokens_route_create(struct call *c, struct err *e);
bool tokens_route_revoke(struct call *c, struct err *e);

#endif
