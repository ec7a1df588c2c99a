#include "server/api/routes.h"

#include "server/api/handlers.h"

#include <string.h>

/* clang-format off */
const struct route routes[] = {
	{"GET", "/healthz", ROUTES_OPEN, health_route_alive,
		"Whether the process is alive"},
	{"GET", "/readyz", ROUTES_OPEN, health_route_ready,
		"Whether the database answers and has this program's schema"},
	{"GET", "/metrics", ROUTES_LOCAL, metrics_route_own,
		"The server's own figures, for Prometheus"},
	{"GET", "/api/v1/about", ROUTES_OPEN, about_route_get,
		"This server"},
	{"GET", "/api/v1/openapi.json", ROUTES_OPEN, assets_route_openapi,
		"This description"},
	{"GET", "/api/v1/session", ROUTES_OPEN, session_route_get,
		"Who is logged in"},
	{"POST", "/api/v1/session", ROUTES_OPEN, session_route_create,
		"Log in"},
	{"DELETE", "/api/v1/session", ROUTES_OPEN, session_route_delete,
		"Log out"},
	{"POST", "/api/v1/session/password", ROUTES_VIEWER, session_route_password,
		"Change one's own password"},
	{"GET", "/api/v1/fleet", ROUTES_VIEWER, fleet_route_get,
		"The fleet in figures"},
	{"GET", "/api/v1/services", ROUTES_VIEWER, services_route_list,
		"Services, worst first"},
	{"GET", "/api/v1/services/{id}", ROUTES_VIEWER, services_route_get,
		"A service with its versions"},
	{"GET", "/api/v1/services/{id}/instances", ROUTES_VIEWER, instances_route_list,
		"The instances of a service"},
	{"GET", "/api/v1/instances/{id}", ROUTES_VIEWER, instances_route_get,
		"An instance"},
	{"GET", "/api/v1/instances/{id}/insides", ROUTES_VIEWER, insides_route_get,
		"What the runtime of an instance says of itself"},
	{"GET", "/api/v1/services/{id}/bands", ROUTES_VIEWER, bands_route_get,
		"How a metric is spread over the instances of each version"},
	{"GET", "/api/v1/services/{id}/memory", ROUTES_VIEWER, memory_route_get,
		"The memory of a service, kind by kind"},
	{"GET", "/api/v1/services/{id}/fingerprints", ROUTES_VIEWER,
		fingerprints_route_list, "What the versions of a service consist of, newest first"},
	{"GET", "/api/v1/fingerprints/diff", ROUTES_VIEWER, fingerprints_route_diff,
		"In what two versions differ"},
	{"GET", "/api/v1/fingerprints/{id}", ROUTES_VIEWER, fingerprints_route_get,
		"What a version consists of, with its packages"},
	{"GET", "/api/v1/packages", ROUTES_VIEWER, fingerprints_route_packages,
		"Who runs a package"},
	{"GET", "/api/v1/services/{id}/deploys", ROUTES_VIEWER, deploys_route_list,
		"When a service changed, newest first"},
	{"POST", "/api/v1/deploys", ROUTES_OPERATOR, deploys_route_put,
		"Say that a service changed"},
	{"GET", "/api/v1/services/{id}/census", ROUTES_VIEWER, insides_route_census,
		"What the processes of a service hold, fastest growth first"},
	{"GET", "/api/v1/services/{id}/warnings", ROUTES_VIEWER, insides_route_warnings,
		"What the processes of a service complained of, newest first"},
	{"GET", "/api/v1/warnings", ROUTES_VIEWER, insides_route_stray,
		"What processes that nobody follows complained of, newest first"},
	{"GET", "/api/v1/services/{id}/queues", ROUTES_VIEWER, queues_route_service,
		"The queues that a service fills or works on"},
	{"GET", "/api/v1/queues", ROUTES_VIEWER, queues_route_list,
		"Queues, by name"},
	{"GET", "/api/v1/queues/{id}", ROUTES_VIEWER, queues_route_get,
		"A queue"},
	{"GET", "/api/v1/queues/{id}/series", ROUTES_VIEWER, queues_route_series,
		"A queue over time"},
	{"GET", "/api/v1/sources", ROUTES_VIEWER, queues_route_sources,
		"How the sources of queues, logs and load do"},
	{"GET", "/api/v1/series", ROUTES_VIEWER, series_route_get,
		"A metric of instances over time"},
	{"GET", "/api/v1/groups", ROUTES_VIEWER, groups_route_list,
		"The fleet by host, version or label, worst first"},
	{"GET", "/api/v1/hosts", ROUTES_VIEWER, host_map_route_get,
		"All hosts in columns, for a map"},
	{"GET", "/api/v1/hosts/{id}", ROUTES_VIEWER, hosts_route_get,
		"A host"},
	{"GET", "/api/v1/hosts/{id}/instances", ROUTES_VIEWER, instances_route_host,
		"What runs on a host"},
	{"PUT", "/api/v1/hosts/{id}/labels", ROUTES_OPERATOR, hosts_route_set_labels,
		"Set the labels of a host"},
	{"GET", "/api/v1/search", ROUTES_VIEWER, search_route_find,
		"Hosts, services, versions, alerts and packages by name"},
	{"GET", "/api/v1/hosts/{id}/series", ROUTES_VIEWER, series_route_host,
		"A metric of a host over time"},
	{"GET", "/api/v1/compare", ROUTES_VIEWER, compare_route_get,
		"How a metric grows in two to four selections"},
	{"GET", "/api/v1/findings", ROUTES_VIEWER, findings_route_list,
		"Findings, newest first"},
	{"GET", "/api/v1/alerts", ROUTES_VIEWER, alerts_route_list,
		"Alerts, newest first"},
	{"GET", "/api/v1/alerts/{id}", ROUTES_VIEWER, alerts_route_get,
		"An alert with its evidence"},
	{"POST", "/api/v1/alerts/steps", ROUTES_OPERATOR, alert_steps_route_bulk,
		"Take a step on many alerts"},
	{"POST", "/api/v1/alerts/{id}/acknowledge", ROUTES_OPERATOR,
		alert_steps_route_acknowledge, "Acknowledge an alert"},
	{"POST", "/api/v1/alerts/{id}/assign", ROUTES_OPERATOR, alert_steps_route_assign,
		"Say who works on an alert"},
	{"POST", "/api/v1/alerts/{id}/archive", ROUTES_OPERATOR,
		alert_steps_route_archive_one, "Archive an alert until it matters again"},
	{"POST", "/api/v1/alerts/{id}/resolve", ROUTES_OPERATOR, alert_steps_route_resolve,
		"Resolve an alert"},
	{"POST", "/api/v1/alerts/{id}/dismiss", ROUTES_OPERATOR, alert_steps_route_dismiss,
		"Say that an alert is not a leak"},
	{"POST", "/api/v1/alerts/{id}/reopen", ROUTES_OPERATOR, alert_steps_route_reopen,
		"Open an alert again"},
	{"POST", "/api/v1/alerts/{id}/notes", ROUTES_OPERATOR, alert_steps_route_note,
		"Add a note to an alert"},
	{"POST", "/api/v1/alerts/{id}/undo", ROUTES_OPERATOR, alert_steps_route_undo,
		"Undo the last step on an alert"},
	{"POST", "/api/v1/alerts/{id}/merge", ROUTES_OPERATOR, cases_route_merge,
		"Put alerts into an alert"},
	{"POST", "/api/v1/alerts/{id}/unmerge", ROUTES_OPERATOR, cases_route_unmerge,
		"Let alerts out of an alert"},
	{"POST", "/api/v1/alerts/{id}/split", ROUTES_OPERATOR, cases_route_split,
		"Give instances of an alert an alert of their own"},
	{"GET", "/api/v1/alerts/{id}/report", ROUTES_VIEWER, report_route_get,
		"The case of an alert in one file"},
	{"GET", "/api/v1/alerts/{id}/hypotheses", ROUTES_VIEWER, hypotheses_route_list,
		"What may be the cause of an alert, and how that was tested"},
	{"POST", "/api/v1/alerts/{id}/hypotheses", ROUTES_OPERATOR, hypotheses_route_create,
		"Say what may be the cause of an alert"},
	{"PUT", "/api/v1/alerts/{id}/hypotheses/{key}", ROUTES_OPERATOR, hypotheses_route_remark,
		"Remark on one of Tidemark's hypotheses"},
	{"PUT", "/api/v1/hypotheses/{id}", ROUTES_OPERATOR, hypotheses_route_put,
		"Change one's hypothesis"},
	{"DELETE", "/api/v1/hypotheses/{id}", ROUTES_OPERATOR, hypotheses_route_delete,
		"Withdraw one's hypothesis"},
	{"GET", "/api/v1/silences", ROUTES_VIEWER, silences_route_list,
		"Silences and maintenance windows, newest first"},
	{"POST", "/api/v1/silences", ROUTES_OPERATOR, silences_route_create,
		"Mute alerts for a while"},
	{"GET", "/api/v1/silences/preview", ROUTES_VIEWER, silences_route_preview,
		"What a silence would mute now"},
	{"PUT", "/api/v1/silences/{id}", ROUTES_OPERATOR, silences_route_put,
		"Change a silence"},
	{"DELETE", "/api/v1/silences/{id}", ROUTES_OPERATOR, silences_route_end,
		"End a silence now"},
	{"GET", "/api/v1/sensitivities", ROUTES_VIEWER, sensitivity_route_list,
		"How easily each service alerts"},
	{"GET", "/api/v1/services/{id}/sensitivity", ROUTES_VIEWER, sensitivity_route_get,
		"How easily a service alerts"},
	{"PUT", "/api/v1/services/{id}/sensitivity", ROUTES_OPERATOR, sensitivity_route_put,
		"Set how easily a service alerts"},
	{"GET", "/api/v1/services/{id}/feedback", ROUTES_VIEWER, feedback_route_list,
		"What people said is not a leak of a service, newest first"},
	{"DELETE", "/api/v1/feedback/{id}", ROUTES_OPERATOR, feedback_route_withdraw,
		"Withdraw that something is not a leak"},
	{"POST", "/api/v1/services/{id}/replays", ROUTES_OPERATOR, replays_route_create,
		"Ask what a sensitivity would have raised"},
	{"GET", "/api/v1/services/{id}/replays", ROUTES_VIEWER, replays_route_list,
		"The replays of a service, newest first"},
	{"GET", "/api/v1/replays/{id}", ROUTES_VIEWER, replays_route_get,
		"A replay with what it would have raised"},
	{"GET", "/api/v1/services/{id}/snapshots", ROUTES_VIEWER, snapshots_route_list,
		"The heap snapshots of a service, newest first"},
	{"GET", "/api/v1/snapshots/{id}", ROUTES_VIEWER, snapshots_route_get,
		"A heap snapshot's summary"},
	{"GET", "/api/v1/snapshots/{id}/compare", ROUTES_VIEWER,
		snapshots_route_compare, "Two heap snapshots, class by class"},
	{"POST", "/api/v1/instances/{id}/captures", ROUTES_OPERATOR,
		captures_route_create, "Ask what a heap snapshot would cost"},
	{"GET", "/api/v1/services/{id}/captures", ROUTES_VIEWER, captures_route_list,
		"Requests for heap snapshots of a service, newest first"},
	{"GET", "/api/v1/captures/{id}", ROUTES_VIEWER, captures_route_get,
		"A request for a heap snapshot"},
	{"POST", "/api/v1/captures/{id}/confirm", ROUTES_OPERATOR, captures_route_confirm,
		"Have the heap snapshot taken"},
	{"POST", "/api/v1/captures/{id}/cancel", ROUTES_OPERATOR, captures_route_cancel,
		"Withdraw a request for a heap snapshot"},
	{"GET", "/api/v1/services/{id}/snapshot-policy", ROUTES_VIEWER, policy_route_get,
		"Whether findings of a service take heap snapshots"},
	{"PUT", "/api/v1/services/{id}/snapshot-policy", ROUTES_ADMIN, policy_route_put,
		"Set whether findings of a service take heap snapshots"},
	{"POST", "/api/v1/snapshots/{id}/raw", ROUTES_ADMIN, raw_route_ask,
		"Pull the raw file from its host"},
	{"GET", "/api/v1/snapshots/{id}/raw", ROUTES_ADMIN, raw_route_get,
		"Download the raw file"},
	{"DELETE", "/api/v1/snapshots/{id}/raw", ROUTES_ADMIN, raw_route_drop,
		"Drop the raw file, here and on its host"},
	{"GET", "/api/v1/audit", ROUTES_ADMIN, audit_route_list,
		"What was done about heap snapshots, newest first"},
	{"GET", "/api/v1/agents", ROUTES_VIEWER, agents_route_list,
		"Agents, by host"},
	{"POST", "/api/v1/agents/{id}/revoke", ROUTES_ADMIN, agents_route_revoke,
		"Revoke an agent's key"},
	{"GET", "/api/v1/tokens", ROUTES_ADMIN, tokens_route_list,
		"Tokens, newest first"},
	{"POST", "/api/v1/tokens", ROUTES_ADMIN, tokens_route_create,
		"Make a token"},
	{"POST", "/api/v1/tokens/{id}/revoke", ROUTES_ADMIN, tokens_route_revoke,
		"Revoke a token"},
	{"GET", "/api/v1/users", ROUTES_ADMIN, users_route_list,
		"Users, by name"},
	{"POST", "/api/v1/users", ROUTES_ADMIN, users_route_create,
		"Make a user"},
	{"PUT", "/api/v1/users/{id}", ROUTES_ADMIN, users_route_put,
		"Give a user another role"},
	{"POST", "/api/v1/users/{id}/password", ROUTES_ADMIN, users_route_password,
		"Give a user a new one-time password"},
	{"POST", "/api/v1/users/{id}/retire", ROUTES_ADMIN, users_route_retire,
		"Let a user in no more"},
	{"POST", "/api/v1/users/{id}/restore", ROUTES_ADMIN, users_route_restore,
		"Let a user in again"},
	{"GET", "/api/v1/experiments", ROUTES_VIEWER, experiments_route_list,
		"Experiments, newest first"},
	{"POST", "/api/v1/experiments", ROUTES_OPERATOR, experiments_route_create,
		"Begin an experiment"},
	{"GET", "/api/v1/experiments/{id}", ROUTES_VIEWER, experiments_route_get,
		"An experiment"},
	{"DELETE", "/api/v1/experiments/{id}", ROUTES_OPERATOR, experiments_route_drop,
		"Take an experiment away"},
	{"POST", "/api/v1/experiments/{id}/end", ROUTES_OPERATOR, experiments_route_end,
		"End an experiment"},
	{"GET", "/api/v1/targets", ROUTES_ADMIN, targets_route_list,
		"Who is told of alerts, by name"},
	{"POST", "/api/v1/targets", ROUTES_ADMIN, targets_route_create,
		"Tell somebody of alerts"},
	{"PUT", "/api/v1/targets/{id}", ROUTES_ADMIN, targets_route_put,
		"Change who is told, and of what"},
	{"DELETE", "/api/v1/targets/{id}", ROUTES_ADMIN, targets_route_drop,
		"Tell somebody no more"},
	{"POST", "/api/v1/targets/{id}/test", ROUTES_ADMIN, targets_route_try,
		"Send a trial"},
	{"GET", "/api/v1/targets/{id}/messages", ROUTES_ADMIN, targets_route_messages,
		"What was sent, newest first"},
	{"POST", "/api/v1/messages/{id}/retry", ROUTES_ADMIN, targets_route_retry,
		"Send again what was given up"},
	{"GET", "/api/v1/storage", ROUTES_VIEWER, storage_route_get,
		"How storing goes, and how much room it takes"},
	{"GET", "/api/v1/metrics", ROUTES_VIEWER, metrics_route_list,
		"The metrics that agents read"},
	{"GET", "/api/v1/events", ROUTES_VIEWER, about_route_events,
		"What changes, as server-sent events"},
};
/* clang-format on */

const size_t routes_count = sizeof routes / sizeof *routes;

/* Whether the rest of a path fits that of a pattern; *key is what stands for "{key}",
 * which takes all that is left. */
static bool routes_ends(const char *pattern, const char *path, const char **key)
{
	const char *hole = strstr(pattern, "{key}");
	if (!hole)
		return strcmp(pattern, path) == 0;
	size_t before = (size_t)(hole - pattern);
	*key = path + before;
	return strncmp(pattern, path, before) == 0 && **key;
}

/* Whether the path fits the pattern; the segment for "{id}" is path[*start, *end). */
static bool routes_fits(const char *pattern, const char *path, size_t *start,
	size_t *end, const char **key)
{
	const char *hole = strstr(pattern, "{id}");
	if (!hole)
		return strcmp(pattern, path) == 0;
	size_t before = (size_t)(hole - pattern);
	if (strncmp(pattern, path, before) != 0)
		return false;
	size_t length = strcspn(path + before, "/");
	*start = before;
	*end = before + length;
	return length > 0 && routes_ends(hole + 4, path + before + length, key);
}

struct routes_match routes_find(const char *method, const char *path, struct arena *a)
{
	struct routes_match match = {0};
	const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
	for (size_t i = 0; i < routes_count; i++) {
		size_t start = 0, end = 0;
		const char *key = NULL;
		if (!routes_fits(routes[i].path, path, &start, &end, &key))
			continue;
		if (strcmp(routes[i].method, wanted) == 0) {
			match.route = &routes[i];
			match.key = key;
			if (end)
				match.argument = arena_strndup(
					a, path + start, end - start);
			return match;
		}
		const char *also = strcmp(routes[i].method, "GET") == 0
					   ? "GET, HEAD"
					   : routes[i].method;
		match.allow = match.allow ? arena_printf(a, "%s, %s", match.allow, also)
					  : also;
	}
	return match;
}
