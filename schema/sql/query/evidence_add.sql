-- A new finding of service $1, led by version $2, of kind $3, found at $4.  Its figures
-- are written by evidence_save.  For the watch.  One row.
INSERT INTO finding (service_id, fingerprint_id, kind, first_at, last_at, slots,
	slots_leaking, hosts, hosts_leaking, summary, reasons)
VALUES ($1::int4, $2::int4, $3::text, $4::timestamptz, $4::timestamptz, 0, 0, 0, 0, '', '[]')
RETURNING id
