#include "server/api/handlers.h"

bool report_route_get(struct call *c, struct err *e)
{
	return call_problem(c, 503, e, "reports are not written yet");
}
