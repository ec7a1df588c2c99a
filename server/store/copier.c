#include "server/store/copier.h"

#include <string.h>

enum {
	COPIER_PIECE = 2 << 20,
	COPIER_INT4 = 23, /* types, as pg_type numbers them */
	COPIER_INT8 = 20,
};

/* 2000-01-01 in Unix time: the zero of PostgreSQL's clock, which counts µs. */
static const int64_t copier_epoch_ms = INT64_C(946684800000);

/* "PGCOPY\n\377\r\n\0", no flags, no extension. */
static const char copier_header[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";

void copier_init(struct copier *c, struct db *db, const char *target)
{
	*c = (struct copier){.db = db, .target = target};
}

void copier_finish(struct copier *c)
{
	buf_finish(&c->bytes);
	*c = (struct copier){0};
}

static void copier_send(struct copier *c)
{
	if (c->bytes.length == 0)
		return;
	buf_be16(&c->bytes, UINT16_MAX);
	if (!c->failed && !db_copy_in(c->db, c->target, &c->bytes, &c->error))
		c->failed = true;
	c->total_bytes += c->bytes.length;
	buf_reset(&c->bytes);
}

void copier_row(struct copier *c, int fields)
{
	if (c->bytes.length > COPIER_PIECE)
		copier_send(c);
	if (c->bytes.length == 0)
		buf_append(&c->bytes, copier_header, sizeof copier_header);
	buf_be16(&c->bytes, (uint16_t)fields);
	c->rows++;
}

void copier_int2(struct copier *c, int64_t value)
{
	buf_be32(&c->bytes, 2);
	buf_be16(&c->bytes, (uint16_t)value);
}

void copier_int4(struct copier *c, int64_t value)
{
	buf_be32(&c->bytes, 4);
	buf_be32(&c->bytes, (uint32_t)value);
}

void copier_int8(struct copier *c, int64_t value)
{
	buf_be32(&c->bytes, 8);
	buf_be64(&c->bytes, (uint64_t)value);
}

void copier_time(struct copier *c, int64_t unix_ms)
{
	copier_int8(c, (unix_ms - copier_epoch_ms) * 1000);
}

void copier_blob(struct copier *c, const void *bytes, size_t length)
{
	buf_be32(&c->bytes, (uint32_t)length);
	buf_append(&c->bytes, bytes, length);
}

/* Dimensions, no NULLs, type; then length and lower bound of the one dimension. */
static void copier_array(struct copier *c, uint32_t type, uint32_t width, size_t count)
{
	buf_be32(&c->bytes, (uint32_t)(20 + count * (4 + width)));
	buf_be32(&c->bytes, 1);
	buf_be32(&c->bytes, 0);
	buf_be32(&c->bytes, type);
	buf_be32(&c->bytes, (uint32_t)count);
	buf_be32(&c->bytes, 1);
}

void copier_int4s(struct copier *c, const int64_t *values, size_t count)
{
	copier_array(c, COPIER_INT4, 4, count);
	for (size_t i = 0; i < count; i++)
		copier_int4(c, values[i]);
}

void copier_int8s(struct copier *c, const int64_t *values, size_t count)
{
	copier_array(c, COPIER_INT8, 8, count);
	for (size_t i = 0; i < count; i++)
		copier_int8(c, values[i]);
}

bool copier_end(struct copier *c, struct err *e)
{
	copier_send(c);
	if (c->failed)
		*e = c->error;
	return !c->failed;
}
