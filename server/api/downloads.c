#include "server/api/downloads.h"

#include "common/err.h"
#include "server/api/proxies.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct downloads_place {
	bool taken;
	uint8_t group[16];
};

struct downloads {
	pthread_mutex_t lock; /* guards the places */
	struct downloads_place places[DOWNLOADS_MAX];
};

struct downloads *downloads_create(void)
{
	struct downloads *d = calloc(1, sizeof *d);
	BUG_ON(!d);
	pthread_mutex_init(&d->lock, NULL);
	return d;
}

void downloads_destroy(struct downloads *d)
{
	if (!d)
		return;
	pthread_mutex_destroy(&d->lock);
	free(d);
}

static int downloads_take(struct downloads *d, const uint8_t group[16], int most)
{
	int free_place = -1, same = 0;
	for (int i = 0; i < DOWNLOADS_MAX; i++)
		if (!d->places[i].taken)
			free_place = i;
		else
			same += memcmp(d->places[i].group, group, 16) == 0;
	if (free_place < 0 || same >= most)
		return -1;
	d->places[free_place].taken = true;
	memcpy(d->places[free_place].group, group, 16);
	return free_place;
}

int downloads_begin(struct downloads *d, const char *address)
{
	uint8_t group[16];
	int most = proxies_is_loopback(address) ? DOWNLOADS_MAX : DOWNLOADS_OF_ONE;
	proxies_group(address, group);
	pthread_mutex_lock(&d->lock);
	int place = downloads_take(d, group, most);
	pthread_mutex_unlock(&d->lock);
	return place;
}

void downloads_end(struct downloads *d, int place)
{
	pthread_mutex_lock(&d->lock);
	d->places[place].taken = false;
	pthread_mutex_unlock(&d->lock);
}
