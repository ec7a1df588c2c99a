-- A host by its id.  For GET /hosts/{id}/series.  At most one row.
SELECT id, name, interval_ms FROM host WHERE id = $1::int4
