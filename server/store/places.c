#include "server/store/places.h"

struct snapshots_place places_read(const struct db_rows *rows, int row, struct arena *a)
{
	return (struct snapshots_place){
		.service = figures_name(rows, row, "service_id", "service", a),
		.host = figures_name(rows, row, "host_id", "host", a),
		.version = figures_name(rows, row, "fingerprint_id", "version", a),
		.instance = db_int(rows, row, "slot_id"),
		.ordinal = db_int(rows, row, "ordinal"),
		.pid = db_int(rows, row, "pid"),
		.generation = db_int(rows, row, "generation_id"),
	};
}
