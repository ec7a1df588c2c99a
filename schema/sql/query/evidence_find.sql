-- Findings of kind $1 that are active or concern versions $2, each with its alert.  For
-- the watch.  By the unique key on (service, fingerprint, kind) and a scan of the table,
-- which holds one row for each version that ever leaked.
SELECT f.id, f.fingerprint_id, f.active, f.last_at, a.id AS alert_id, a.state,
	a.resolved_at
FROM finding f
LEFT JOIN alert a ON a.finding_id = f.id
WHERE f.kind = $1::text AND (f.active OR f.fingerprint_id = ANY ($2::int4[]))
