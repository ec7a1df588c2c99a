/*
 * Api: the HTTP API and the console, on threads of its own.
 *
 * api_start binds, opens a pool of database connections and a listener for changes, and
 * returns; the database need not answer yet (GET /readyz says whether it does).
 * api_stop ends every connection and waits for the threads.  Nothing is shared with
 * other parts but the database and the callback, which is called from the API's
 * threads.
 *
 * Options are copied except for the texts, which must live until api_stop.
 */
#ifndef TIDEMARK_SERVER_API_API_H
#define TIDEMARK_SERVER_API_API_H

#include "common/buf.h"
#include "common/err.h"
#include "schema/endpoints.h"
#include "server/api/proxies.h"

#include <stdbool.h>
#include <stdint.h>

struct api_options {
	const char *database_uri;
	const char *http_host; /* a literal address: "127.0.0.1", "::1" */
	uint16_t http_port;    /* 0: any free one, see api_port */
	const char *tls_certificate, *tls_key; /* PEM files; NULL: plain HTTP */
	int64_t hsts_ms;        /* how long browsers must come over TLS; 0: not said */
	struct proxies proxies; /* whose word about clients is believed */
	const char *agent_endpoint, *enrol_endpoint; /* as GET /about tells them */
	uint8_t public_key[32];        /* of the ingest, for join tokens */
	struct endpoints enrol_places; /* where hosts can enrol: at least one */
	const char *console_url;  /* where people and hosts reach us; "": as they did */
	const char *packages_dir; /* of the agent's packages that are handed out */
	int64_t raw_retention_ms, rollup_retention_ms, started_ms;
	int64_t verify_hours; /* that a version in which an alert is resolved must hold
			       */
	uint8_t raw_key[32];  /* with which raw heap files are sealed, see raw.h */

	/* Appends what other parts count to GET /metrics, as Prometheus text 0.0.4, one
	 * family after the other; NULL: nothing.  Called from any of the API's threads.
	 */
	void (*metrics)(void *context, struct buf *out);
	void *metrics_context;

	/* Appends why batches cannot be stored just now, or nothing; NULL: not known
	 * here.  Called from any of the API's threads. */
	void (*trouble)(struct buf *out);
	const char *disk; /* a folder on the disk of our own database; NULL: yours */

	int64_t (*now_ms)(void); /* NULL: the real time; tests bring their own */
};

struct api;

/* NULL on failure: the address is taken or no address, no memory for threads. */
struct api *api_start(const struct api_options *options, struct err *e);
void api_stop(struct api *api); /* NULL is accepted */

/* Takes a new certificate when its files changed; `at_once`: also when they seem the
 * same.  To be called about once a second, by one thread.  Logs what comes of it, and
 * once a day that it runs out within two weeks. */
void api_refresh(struct api *api, bool at_once);

/* The port that it listens on. */
uint16_t api_port(const struct api *api);

#endif
