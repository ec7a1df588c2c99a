/*
 * Index: what the spool holds, in memory.
 *
 * One entry of 16 bytes for each record, in the segments' order; so a full spool of
 * 64 MiB with batches of 2 KiB takes half a MiB.  Sequences grow from entry to entry
 * and from segment to segment.
 *
 * The struct is its owner's; spool_index_finish frees what it points to.  Pure.
 */
#ifndef TIDEMARK_AGENT_SPOOL_INDEX_H
#define TIDEMARK_AGENT_SPOOL_INDEX_H

#include "agent/spool_format.h"
#include "agent/spool_losses.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spool_entry {
	uint32_t delta;  /* sequence, from the segment's first */
	uint32_t time_s; /* since 1970 */
	uint32_t offset; /* in the segment; the lowest bit: it carries losses */
	uint32_t length; /* of the payload; 0: forgotten */
};

struct spool_segment {
	struct spool_segment *next;
	uint64_t first; /* also the file's name */
	size_t size;    /* of the file */
	size_t end;     /* behind the last record */
	size_t live;    /* entries that are not forgotten */
	struct spool_entry *entries;
	size_t count, room;
};

struct spool_index {
	struct spool_segment *head, *tail; /* oldest, newest */
	uint64_t batches, bytes;           /* not forgotten */
	uint64_t disk_bytes;               /* of the files, in whole blocks */
};

void spool_index_finish(struct spool_index *x);

/* A new newest segment. */
struct spool_segment *spool_index_push(
	struct spool_index *x, uint64_t first, size_t size);

/* Removes the oldest segment with all its entries. */
void spool_index_pop(struct spool_index *x);

/* A record behind the segment's last. */
void spool_index_add(struct spool_index *x, struct spool_segment *segment,
	const struct spool_record *record);

/* The file has another size now. */
void spool_index_resize(
	struct spool_index *x, struct spool_segment *segment, size_t size);

/* The held entry, or NULL; *segment is its segment. */
struct spool_entry *spool_index_find(
	struct spool_index *x, uint64_t sequence, struct spool_segment **segment);

/* The first held sequence above `after`; 0: none. */
uint64_t spool_index_after(const struct spool_index *x, uint64_t after);

void spool_index_forget(struct spool_index *x, struct spool_segment *segment,
	struct spool_entry *entry);

/* All of the oldest segment's held entries as one loss. */
struct spool_loss spool_index_head_loss(const struct spool_index *x);

size_t spool_index_offset(const struct spool_entry *entry);
bool spool_index_has_losses(const struct spool_entry *entry);
int64_t spool_index_time_ms(const struct spool_entry *entry);

/* The entry's record turned out to be damaged: as if it had never been. */
void spool_index_remove(struct spool_index *x, struct spool_segment *segment,
	struct spool_entry *entry);

/* Records at or above `oldest` that are on disk, forgotten ones too. */
uint64_t spool_index_records(const struct spool_index *x, uint64_t oldest);

/* What a file of this size takes of a disk. */
uint64_t spool_index_blocks(size_t size);

#endif
