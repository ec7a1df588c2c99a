#include "server/ingest/enrol.h"

#include "common/clock.h"
#include "server/store/agents.h"
#include "server/store/tokens.h"

#include <sodium.h>
#include <string.h>

static bool enrol_read(const void *frame, size_t length, const uint8_t *public_key,
	struct arena *a, struct wire_enrol_request *request, struct err *e)
{
	if (!wire_enrol_request_decode(frame, length, a, request, e))
		return false;
	if (request->protocol != WIRE_PROTOCOL)
		return err_set(e, ERR_INPUT,
			"protocol %u is not spoken here, only %d: agent and server "
			"versions "
			"are too far apart",
			request->protocol, WIRE_PROTOCOL);
	if (sodium_memcmp(request->public_key, public_key, WIRE_KEY_BYTES) != 0)
		return err_set(e, ERR_INPUT, "the key is not that of the connection");
	return true;
}

/* Who copies a machine with its agent copies the key too.  Two machines under one key
 * would overwrite each other's batches. */
static bool enrol_check_machine(const struct agents_agent *agent,
	const struct wire_enrol_request *request, struct err *e)
{
	if (strcmp(agent->machine_id, request->machine_id) == 0)
		return true;
	return err_set(e, ERR_INPUT,
		"this agent's key belongs to another machine (was the machine "
		"copied?): "
		"remove the agent's state folder and join again");
}

/* A machine id is no secret: who has a token and knows one must not step into the place
 * of an agent that is alive. */
static bool enrol_check_rival(struct db *db, const struct wire_enrol_request *request,
	const uint8_t *public_key, struct arena *a, struct err *e)
{
	bool has;
	if (!agents_has_rival(db, request->machine_id, public_key, a, &has, e))
		return false;
	return !has || err_set(e, ERR_INPUT,
			       "this host has an agent that reports: revoke that one "
			       "first, or come back when it has been silent for ten "
			       "minutes");
}

static struct tokens_claim enrol_claim(const struct wire_enrol_request *request)
{
	return (struct tokens_claim){
		.id = request->token_id,
		.secret = request->token_secret,
		.hostname = request->hostname,
		.now_ms = clock_unix_ms(),
	};
}

static bool enrol_spend(struct db *db, const struct wire_enrol_request *request,
	const uint8_t *public_key, int32_t *agent_id, struct err *e)
{
	enum tokens_fate fate;
	const struct tokens_claim claim = enrol_claim(request);
	if (!tokens_use(db, &claim, &fate, e))
		return false;
	if (fate != TOKENS_GOOD)
		return err_set(e, ERR_INPUT, "%s", tokens_fate_text(fate));
	bool ok = agents_enrol(db,
		&(struct agents_enrolment){
			.public_key = public_key,
			.machine_id = request->machine_id,
			.hostname = request->hostname,
			.version = request->agent_version,
			.token_id = request->token_id,
		},
		agent_id, e);
	ok = ok && tokens_give_labels(db, request->token_id, *agent_id, e);
	if (!ok)
		e->kind = ERR_IO;
	return ok;
}

/* The reply to the first request may have been lost: the token that took it in is as
 * good as then, though this agent may have had its last use. */
static bool enrol_again(struct db *db, const struct wire_enrol_request *request,
	struct arena *a, struct err *e)
{
	enum tokens_fate fate;
	const struct tokens_claim claim = enrol_claim(request);
	if (!tokens_look(db, &claim, a, &fate, e))
		return false;
	if (fate == TOKENS_GOOD || fate == TOKENS_USED_UP)
		return true;
	return err_set(e, ERR_INPUT, "%s", tokens_fate_text(fate));
}

static bool enrol_agent(struct db *db, const struct wire_enrol_request *request,
	const uint8_t *public_key, struct arena *a, int32_t *agent_id, struct err *e)
{
	struct agents_agent agent;
	if (!agents_find(db, public_key, a, &agent, e))
		return false;
	if (agent.id && !enrol_check_machine(&agent, request, e))
		return false;
	if (agent.id && !agent.revoked &&
		strcmp(agent.token_id, request->token_id) == 0) {
		*agent_id = agent.id;
		return enrol_again(db, request, a, e);
	}
	/* With another token it is that token's agent from now on. */
	if (!db_begin(db, e))
		return false;
	if (enrol_spend(db, request, public_key, agent_id, e) &&
		enrol_check_rival(db, request, public_key, a, e))
		return db_commit(db, e);
	db_rollback(db);
	return false;
}

void enrol_answer(struct db *db, const void *frame, size_t length,
	const uint8_t *public_key, uint16_t data_port, struct arena *a,
	struct wire_enrol_reply *reply)
{
	struct err e;
	struct wire_enrol_request request;
	int32_t agent_id = 0;
	*reply = (struct wire_enrol_reply){.error = "", .data_port = data_port};
	if (enrol_read(frame, length, public_key, a, &request, &e) &&
		enrol_agent(db, &request, public_key, a, &agent_id, &e)) {
		reply->agent_id = (uint32_t)agent_id;
		return;
	}
	/* What the database said is not for strangers. */
	reply->error = e.kind == ERR_INPUT
			       ? arena_strdup(a, e.text)
			       : "the server cannot reach its database; try later";
}
