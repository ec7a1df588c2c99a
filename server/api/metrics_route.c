#include "common/clock.h"
#include "schema/metric.h"
#include "server/api/exposition.h"
#include "server/api/handlers.h"
#include "server/api/routes.h"
#include "server/api/shared.h"

#include <inttypes.h>
#include <string.h>

static void metrics_route_scope(
	struct json *j, const char *scope, const struct metric *metrics, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		json_object(j);
		json_put_string(j, "scope", scope);
		json_put_string(j, "name", metrics[i].name);
		json_put_string(j, "kind",
			metrics[i].kind == METRIC_COUNTER ? "counter" : "gauge");
		json_put_string(j, "unit", metrics[i].unit);
		json_put_string(j, "help", metrics[i].help);
		json_end(j);
	}
}

bool metrics_route_list(struct call *c, struct err *e)
{
	if (!query_finish(&c->query, e))
		return false;
	json_object(&c->json);
	json_key(&c->json, "items");
	json_array(&c->json);
	metrics_route_scope(&c->json, "process", metric_process, METRIC_PROCESS_COUNT);
	metrics_route_scope(&c->json, "host", metric_host, METRIC_HOST_COUNT);
	json_end(&c->json);
	json_end(&c->json);
	return true;
}

static void metrics_route_tls(const struct call *c, struct buf *out)
{
	if (!c->shared->tls)
		return;
	struct tls_state state = tls_state(c->shared->tls);
	exposition_family(out, "tidemark_http_certificate_expires_seconds", "gauge",
		"Until when the certificate is good, Unix time");
	buf_printf(out, "tidemark_http_certificate_expires_seconds %" PRId64 "\n",
		state.expires_ms / 1000);
	exposition_family(out, "tidemark_http_certificate_changes_total", "counter",
		"New certificates, by what became of them");
	buf_printf(out,
		"tidemark_http_certificate_changes_total{fate=\"taken\"} %" PRIu64 "\n"
		"tidemark_http_certificate_changes_total{fate=\"refused\"} %" PRIu64
		"\n",
		state.taken, state.refused);
}

static void metrics_route_process(struct call *c, struct buf *out)
{
	size_t open, cut;
	http_count(c->shared->http, &open, &cut);
	exposition_family(
		out, "tidemark_build_info", "gauge", "Version of this server");
	buf_printf(out, "tidemark_build_info{version=\"%s\"} 1\n", TIDEMARK_VERSION);
	exposition_family(out, "tidemark_start_time_seconds", "gauge",
		"When this server started, Unix time");
	buf_printf(out, "tidemark_start_time_seconds %" PRId64 "\n",
		c->shared->options.started_ms / 1000);
	exposition_family(
		out, "tidemark_http_connections", "gauge", "Open HTTP connections");
	buf_printf(out, "tidemark_http_connections %zu\n", open);
	exposition_family(out, "tidemark_http_connections_cut_total", "counter",
		"HTTP connections that were cut for taking too long");
	buf_printf(out, "tidemark_http_connections_cut_total %zu\n", cut);
	struct clients_counts clients = clients_count(c->shared->clients);
	exposition_family(out, "tidemark_http_connections_refused_total", "counter",
		"HTTP connections that were refused: their address had enough");
	buf_printf(out, "tidemark_http_connections_refused_total %" PRIu64 "\n",
		clients.connections_refused);
	exposition_family(out, "tidemark_http_requests_refused_total", "counter",
		"HTTP requests that were refused: their address asked for too much");
	buf_printf(out, "tidemark_http_requests_refused_total %" PRIu64 "\n",
		clients.requests_refused);
	exposition_family(out, "tidemark_http_event_streams", "gauge",
		"Open streams of server-sent events");
	buf_printf(out, "tidemark_http_event_streams %zu\n",
		live_clients(c->shared->live));
	metrics_route_tls(c, out);
}

/* One row of the tally; its last row is everything that is in no route. */
static void metrics_route_answers(
	struct buf *out, size_t i, const struct tally_sum *sum)
{
	const char *method = i < routes_count ? routes[i].method : "";
	const char *path = i < routes_count ? routes[i].path : "";
	for (int class = 1; class < TALLY_CLASSES; class ++)
		if (sum->answers[class])
			buf_printf(out,
				"tidemark_http_answers_total{method=\"%s\",route=\"%"
				"s\","
				"status=\"%dxx\"} %" PRIu64 "\n",
				method, path, class, sum->answers[class]);
}

static void metrics_route_routes(struct call *c, struct buf *out)
{
	exposition_family(out, "tidemark_http_answers_total", "counter",
		"HTTP answers by route and class of status");
	for (size_t i = 0; i <= routes_count; i++) {
		struct tally_sum sum = tally_read(c->shared->tally, i);
		metrics_route_answers(out, i, &sum);
	}
	exposition_family(out, "tidemark_http_answer_seconds_total", "counter",
		"Time spent making HTTP answers, by route");
	for (size_t i = 0; i <= routes_count; i++) {
		struct tally_sum sum = tally_read(c->shared->tally, i);
		if (sum.us)
			buf_printf(out,
				"tidemark_http_answer_seconds_total{method=\"%s\","
				"route=\"%s\"} %.6f\n",
				i < routes_count ? routes[i].method : "",
				i < routes_count ? routes[i].path : "",
				(double)sum.us / 1e6);
	}
}

bool metrics_route_own(struct call *c, struct err *e)
{
	const struct api_options *o = &c->shared->options;
	struct buf *out = &c->response->body;
	if (!query_finish(&c->query, e))
		return false;
	metrics_route_process(c, out);
	metrics_route_routes(c, out);
	storage_route_metrics(c, out);
	messages_route_metrics(c, out);
	if (o->metrics)
		o->metrics(o->metrics_context, out);
	c->response->type = EXPOSITION_TYPE_TEXT;
	if (exposition_wants_open(http_header(c->request, "Accept"))) {
		struct buf open = {0};
		exposition_open(out->data, &open);
		buf_finish(out);
		*out = open;
		c->response->type = EXPOSITION_TYPE_OPEN;
	}
	return true;
}
