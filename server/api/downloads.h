/*
 * Downloads: how many packages are on their way out, in all and to one client.
 *
 * Each has a file open and a connection, for as long as the client takes.  A client is
 * what proxies_group says.  Safe from any thread.
 */
#ifndef TIDEMARK_SERVER_API_DOWNLOADS_H
#define TIDEMARK_SERVER_API_DOWNLOADS_H

enum { DOWNLOADS_MAX = 128, DOWNLOADS_OF_ONE = 8 };

struct downloads;

struct downloads *downloads_create(void);
void downloads_destroy(struct downloads *d); /* NULL is accepted */

/* A place, for downloads_end; -1 when there are too many.  Of this machine itself there
 * may be as many as there are places: a proxy that is not told of is here too. */
int downloads_begin(struct downloads *d, const char *address);
void downloads_end(struct downloads *d, int place);

#endif
