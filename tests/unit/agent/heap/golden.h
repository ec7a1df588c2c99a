/*
 * Golden: snapshots of real processes and random graphs, each with what DevTools
 * 1.0.1705227 says of it.
 *
 * TIDEMARK_HEAP_GOLDEN names another folder with more of the kind, packed in any way.
 */
#ifndef TIDEMARK_TESTS_UNIT_AGENT_HEAP_GOLDEN_H
#define TIDEMARK_TESTS_UNIT_AGENT_HEAP_GOLDEN_H

#include "agent/heap/heap.h"
#include "agent/heap/source.h"
#include "common/buf.h"
#include "common/scoped.h"
#include "tests/unit/cmocka_all.h"

#include <fcntl.h>
#include <jansson.h>
#include <string.h>

#define GOLDEN_FOLDER TIDEMARK_SOURCE_DIR "/tests/golden/heap"

static inline const char *golden_folder(void)
{
	const char *other = getenv("TIDEMARK_HEAP_GOLDEN");
	return other ? other : GOLDEN_FOLDER;
}

static inline bool golden_append(
	void *context, const void *bytes, size_t length, struct err *e)
{
	(void)e;
	buf_append(context, bytes, length);
	return true;
}

static inline bool golden_feed(
	void *context, const void *bytes, size_t length, struct err *e)
{
	return heap_feed(context, bytes, length, e);
}

/* The unpacked bytes of a file. */
static inline void golden_bytes(const char *path, struct buf *out)
{
	struct err e;
	const struct source_sink sink = {golden_append, out};
	scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !source_read(fd, &sink, &e))
		fail_msg("%s cannot be read", path);
}

/* The heap of a file; the caller's. */
static inline struct heap *golden_heap(const char *path)
{
	struct err e = {0};
	const struct heap_options options = {0};
	struct heap *h = heap_create(&options);
	const struct source_sink sink = {golden_feed, h};
	scoped_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !source_read(fd, &sink, &e) || !heap_end(h, &e))
		fail_msg("%s: %s", path, e.text);
	return h;
}

static inline int64_t golden_int(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	if (!json_is_integer(value))
		fail_msg("no number %s", key);
	return json_integer_value(value);
}

static inline const char *golden_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	if (!text)
		fail_msg("no text %s", key);
	return text;
}

#endif
