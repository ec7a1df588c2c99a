/*
 * Alert shape: an alert with everything inside, as GET /alerts/{id} and the steps of
 * people answer it.
 */
#ifndef TIDEMARK_SERVER_API_ALERT_SHAPE_H
#define TIDEMARK_SERVER_API_ALERT_SHAPE_H

#include "server/api/call.h"
#include "server/store/alerts.h"

#include <stdbool.h>

/* Reads what else it takes. */
bool alert_shape_write(struct call *c, const struct alerts_row *alert, struct err *e);

#endif
