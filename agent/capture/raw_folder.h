/*
 * Raw folder: the directories below state_dir/raw, their sizes and their end.
 *
 * Only for raw.c.
 */
#ifndef TIDEMARK_AGENT_CAPTURE_RAW_FOLDER_H
#define TIDEMARK_AGENT_CAPTURE_RAW_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

/* What the files of all whole ones take, in bytes. */
uint64_t raw_folder_bytes(int raw);

/* Removes one with everything in it; true also when it is not there. */
bool raw_folder_remove(int raw, const char *name);

/* Removes the oldest whole one.  False: there is none. */
bool raw_folder_remove_oldest(int raw);

/* Removes the unfinished ones. */
void raw_folder_clean(int raw);

#endif
