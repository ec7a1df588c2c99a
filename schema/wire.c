/* The flat messages: upload, receipt, enrolment.  Batches: wire_batch_*.c. */
#include "schema/wire.h"

#include "schema/tidemark.pb-c.h"
#include "schema/wire_pool.h"
#include "schema/wire_settings.h"
#include "schema/wire_snapshot.h"
#include "schema/wire_text.h"

#include <inttypes.h>
#include <string.h>

enum {
	/* Flat messages do not unfold: their bytes once, and some room. */
	WIRE_FLAT_BYTES_MAX = 2 * WIRE_FRAME_BYTES_MAX,
};

/* Encoded messages are ours: what does not pack is a bug. */
static void wire_pack(const ProtobufCMessage *message, struct buf *out)
{
	size_t length = protobuf_c_message_get_packed_size(message);
	BUG_ON(length > WIRE_FRAME_BYTES_MAX);
	char *start = buf_reserve(out, length);
	BUG_ON(protobuf_c_message_pack(message, (uint8_t *)start) != length);
	out->length += length;
	out->data[out->length] = '\0';
}

/* Lives in the pool.  NULL after an error. */
static void *wire_unpack(const ProtobufCMessageDescriptor *kind, const void *bytes,
	size_t length, struct wire_pool *pool, struct err *e)
{
	if (length > WIRE_FRAME_BYTES_MAX) {
		err_set(e, ERR_INPUT, "%s: %zu bytes, at most %d are allowed",
			kind->short_name, length, WIRE_FRAME_BYTES_MAX);
		return NULL;
	}
	void *message = protobuf_c_message_unpack(
		kind, &pool->allocator, length, bytes);
	if (!message)
		err_set(e, ERR_INPUT, "%s: damaged or too large to unpack",
			kind->short_name);
	return message;
}

/* protobuf-c does not write to strings, but takes them without const. */
static char *wire_field(const char *text, struct wire_pool *pool)
{
	return (char *)wire_text_clean(text, &pool->arena);
}

static bool wire_take(const char *text, const char *field, struct arena *a,
	const char **out, struct err *e)
{
	if (!wire_text_check(text, e))
		return err_wrap(e, "%s", field);
	*out = arena_strdup(a, text);
	return true;
}

static bool wire_take_some(const char *text, const char *field, struct arena *a,
	const char **out, struct err *e)
{
	if (!*text)
		return err_set(e, ERR_INPUT, "%s: missing", field);
	return wire_take(text, field, a, out, e);
}

/* PostgreSQL's int8 is signed. */
static bool wire_check_int8(uint64_t value, const char *field, struct err *e)
{
	if (value <= INT64_MAX)
		return true;
	return err_set(e, ERR_INPUT, "%s: %" PRIu64 " is too large", field, value);
}

static bool wire_check_sequence(uint64_t value, struct err *e)
{
	if (value == 0)
		return err_set(e, ERR_INPUT, "sequence: missing");
	return wire_check_int8(value, "sequence", e);
}

void wire_upload_encode(const struct wire_upload *upload, struct buf *out)
{
	scoped_pool struct wire_pool pool;
	wire_pool_init(&pool, 0);
	Tidemark__Upload m = TIDEMARK__UPLOAD__INIT;
	m.protocol = upload->protocol;
	m.agent_version = wire_field(upload->agent_version, &pool);
	m.epoch = upload->epoch;
	m.sequence = upload->sequence;
	m.oldest = upload->oldest;
	m.spool_bytes = upload->spool_bytes;
	m.batch.data = (uint8_t *)upload->batch;
	m.batch.len = upload->batch_length;
	if (upload->raw) {
		struct err ignored;
		BUG_ON(!wire_snapshot_check_part(upload->raw, &ignored));
		m.raw = wire_snapshot_encode_part(upload->raw, &pool.arena);
	}
	if (upload->settings) {
		m.settings = wire_settings_encode_state(upload->settings, &pool.arena);
		m.cost = wire_settings_encode_cost(upload->settings, &pool.arena);
	}
	wire_pack(&m.base, out);
}

static bool wire_take_raw(const Tidemark__Upload *m, struct arena *a,
	struct wire_upload *out, struct err *e)
{
	if (m->sequence || m->epoch || m->batch.len)
		return err_set(e, ERR_INPUT, "raw: beside a batch");
	struct snapshot_raw_part *part = arena_alloc(a, sizeof *part);
	if (!wire_snapshot_decode_part(m->raw, a, part, e))
		return err_wrap(e, "raw");
	out->raw = part;
	return true;
}

static bool wire_take_batch(const Tidemark__Upload *m, struct arena *a,
	struct wire_upload *out, struct err *e)
{
	if (!wire_check_sequence(m->sequence, e))
		return false;
	if (m->batch.len == 0)
		return err_set(e, ERR_INPUT, "batch: missing");
	void *batch = arena_alloc(a, m->batch.len);
	memcpy(batch, m->batch.data, m->batch.len);
	out->batch = batch;
	out->batch_length = m->batch.len;
	return true;
}

bool wire_upload_decode(const void *bytes, size_t length, struct arena *a,
	struct wire_upload *out, struct err *e)
{
	scoped_pool struct wire_pool pool;
	wire_pool_init(&pool, WIRE_FLAT_BYTES_MAX);
	const Tidemark__Upload *m = wire_unpack(
		&tidemark__upload__descriptor, bytes, length, &pool, e);
	if (!m)
		return false;
	struct wire_upload upload = {
		.protocol = m->protocol,
		.epoch = m->epoch,
		.sequence = m->sequence,
		.oldest = m->oldest,
		.spool_bytes = m->spool_bytes,
	};
	if (!wire_take(
		    m->agent_version, "agent_version", a, &upload.agent_version, e) ||
		!wire_check_int8(m->oldest, "oldest", e) ||
		!wire_check_int8(m->spool_bytes, "spool_bytes", e) ||
		!(m->raw ? wire_take_raw(m, a, &upload, e)
			 : wire_take_batch(m, a, &upload, e)) ||
		!wire_settings_decode_state(
			m->settings, m->cost, a, &upload.settings, e))
		return err_wrap(e, "upload");
	*out = upload;
	return true;
}

void wire_receipt_encode(const struct wire_receipt *receipt, struct buf *out)
{
	scoped_pool struct wire_pool pool;
	wire_pool_init(&pool, 0);
	Tidemark__Receipt m = TIDEMARK__RECEIPT__INIT;
	m.epoch = receipt->epoch;
	m.sequence = receipt->sequence;
	m.fate = (Tidemark__Receipt__Fate)receipt->fate;
	m.reason = wire_field(receipt->reason, &pool);
	BUG_ON(receipt->order_count > WIRE_ORDERS_MAX);
	m.n_orders = receipt->order_count;
	m.orders = arena_array(&pool.arena, m.n_orders, sizeof *m.orders);
	for (size_t i = 0; i < m.n_orders; i++) {
		struct err ignored;
		BUG_ON(!wire_snapshot_check_order(&receipt->orders[i], &ignored));
		m.orders[i] = wire_snapshot_encode_order(
			&receipt->orders[i], &pool.arena);
	}
	if (receipt->settings)
		m.settings = wire_settings_encode_orders(
			receipt->settings, &pool.arena);
	wire_pack(&m.base, out);
}

static bool wire_take_orders(const Tidemark__Receipt *m, struct arena *a,
	struct wire_receipt *out, struct err *e)
{
	if (m->n_orders > WIRE_ORDERS_MAX)
		return err_set(e, ERR_INPUT, "%zu orders, at most %d are allowed",
			m->n_orders, WIRE_ORDERS_MAX);
	out->orders = arena_array(a, m->n_orders, sizeof *out->orders);
	for (size_t i = 0; i < m->n_orders; i++) {
		if (!wire_snapshot_knows_order(m->orders[i]))
			continue;
		if (!wire_snapshot_decode_order(
			    m->orders[i], a, &out->orders[out->order_count], e))
			return err_wrap(e, "order %zu", i);
		out->order_count++;
	}
	return true;
}

bool wire_receipt_decode(const void *bytes, size_t length, struct arena *a,
	struct wire_receipt *out, struct err *e)
{
	scoped_pool struct wire_pool pool;
	wire_pool_init(&pool, WIRE_FLAT_BYTES_MAX);
	const Tidemark__Receipt *m = wire_unpack(
		&tidemark__receipt__descriptor, bytes, length, &pool, e);
	if (!m)
		return false;
	struct wire_receipt receipt = {.epoch = m->epoch, .sequence = m->sequence};
	int fate = (int)m->fate;
	if (fate < (int)WIRE_STORED || fate > (int)WIRE_HELD)
		return err_set(e, ERR_INPUT, "receipt: fate: %d is none we know", fate);
	receipt.fate = (enum wire_fate)fate;
	bool of_part = m->epoch == 0 && m->sequence == 0;
	if ((!of_part && !wire_check_sequence(m->sequence, e)) ||
		!wire_take(m->reason, "reason", a, &receipt.reason, e) ||
		!wire_take_orders(m, a, &receipt, e) ||
		!wire_settings_decode_orders(m->settings, a, &receipt.settings, e))
		return err_wrap(e, "receipt");
	*out = receipt;
	return true;
}

void wire_enrol_request_encode(const struct wire_enrol_request *r, struct buf *out)
{
	scoped_pool struct wire_pool pool;
	wire_pool_init(&pool, 0);
	Tidemark__EnrolRequest m = TIDEMARK__ENROL_REQUEST__INIT;
	m.protocol = r->protocol;
	m.token_id = wire_field(r->token_id, &pool);
	m.token_secret = wire_field(r->token_secret, &pool);
	m.machine_id = wire_field(r->machine_id, &pool);
	m.hostname = wire_field(r->hostname, &pool);
	m.agent_version = wire_field(r->agent_version, &pool);
	m.public_key.data = (uint8_t *)r->public_key;
	m.public_key.len = WIRE_KEY_BYTES;
	wire_pack(&m.base, out);
}

bool wire_enrol_request_decode(const void *bytes, size_t length, struct arena *a,
	struct wire_enrol_request *out, struct err *e)
{
	scoped_pool struct wire_pool pool;
	wire_pool_init(&pool, WIRE_FLAT_BYTES_MAX);
	const Tidemark__EnrolRequest *m = wire_unpack(
		&tidemark__enrol_request__descriptor, bytes, length, &pool, e);
	if (!m)
		return false;
	struct wire_enrol_request r = {.protocol = m->protocol};
	if (!wire_take_some(m->token_id, "token_id", a, &r.token_id, e) ||
		!wire_take_some(
			m->token_secret, "token_secret", a, &r.token_secret, e) ||
		!wire_take_some(m->machine_id, "machine_id", a, &r.machine_id, e) ||
		!wire_take_some(m->hostname, "hostname", a, &r.hostname, e) ||
		!wire_take(m->agent_version, "agent_version", a, &r.agent_version, e))
		return err_wrap(e, "enrol request");
	if (m->public_key.len != WIRE_KEY_BYTES)
		return err_set(e, ERR_INPUT,
			"enrol request: public_key: %zu bytes, not %d",
			m->public_key.len, WIRE_KEY_BYTES);
	memcpy(r.public_key, m->public_key.data, WIRE_KEY_BYTES);
	*out = r;
	return true;
}

static void wire_put_servers(
	Tidemark__EnrolReply *m, const struct endpoints *servers, struct arena *a)
{
	m->n_servers = servers->count;
	m->servers = arena_array(a, servers->count, sizeof *m->servers);
	for (size_t i = 0; i < servers->count; i++) {
		struct endpoints one = {.count = 1, .at = {servers->at[i]}};
		struct buf text = {0};
		endpoints_format(&one, &text);
		m->servers[i] = arena_strdup(a, text.data);
		buf_finish(&text);
	}
}

static bool wire_take_servers(
	const Tidemark__EnrolReply *m, struct endpoints *out, struct err *e)
{
	for (size_t i = 0; i < m->n_servers; i++) {
		struct endpoints one;
		if (!endpoints_parse(m->servers[i], &one, e))
			return err_wrap(e, "servers");
		if (one.count != 1 || out->count == ENDPOINTS_MAX ||
			endpoints_has(out, &one.at[0]))
			return err_set(e, ERR_INPUT,
				"servers: one is none, given twice or too many");
		out->at[out->count++] = one.at[0];
	}
	return true;
}

void wire_enrol_reply_encode(const struct wire_enrol_reply *r, struct buf *out)
{
	scoped_pool struct wire_pool pool;
	wire_pool_init(&pool, 0);
	Tidemark__EnrolReply m = TIDEMARK__ENROL_REPLY__INIT;
	m.error = wire_field(r->error, &pool);
	m.agent_id = r->agent_id;
	m.data_port = r->data_port;
	wire_put_servers(&m, &r->servers, &pool.arena);
	wire_pack(&m.base, out);
}

bool wire_enrol_reply_decode(const void *bytes, size_t length, struct arena *a,
	struct wire_enrol_reply *out, struct err *e)
{
	scoped_pool struct wire_pool pool;
	wire_pool_init(&pool, WIRE_FLAT_BYTES_MAX);
	const Tidemark__EnrolReply *m = wire_unpack(
		&tidemark__enrol_reply__descriptor, bytes, length, &pool, e);
	if (!m)
		return false;
	struct wire_enrol_reply r = {
		.agent_id = m->agent_id, .data_port = m->data_port};
	if (!wire_take(m->error, "error", a, &r.error, e) ||
		!wire_take_servers(m, &r.servers, e))
		return err_wrap(e, "enrol reply");
	if (!*r.error && (m->data_port == 0 || m->data_port > UINT16_MAX))
		return err_set(e, ERR_INPUT,
			"enrol reply: data_port: %" PRIu32 " is no port", m->data_port);
	*out = r;
	return true;
}
