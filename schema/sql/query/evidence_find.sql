-- Findings of kind $1 that are active or concern versions $2, each with its alert, and
-- whether one of its seats cannot be seen at $3: it ran when its agent was last heard,
-- and the agent has been silent since, for less than a day.  For the watch.  By the
-- unique key on (service, fingerprint, kind) and a scan of the table, which holds one row
-- for each version that ever leaked; seats by the primary key.
SELECT f.id, f.fingerprint_id, f.active, f.last_at, a.id AS alert_id, a.state,
	a.resolved_at,
	f.active AND EXISTS (
		SELECT FROM finding_slot fs
		JOIN slot_now n ON n.slot_id = fs.slot_id
		WHERE fs.finding_id = f.id AND n.fingerprint_id = f.fingerprint_id
		  AND n.behind <= interval '1 minute'
			+ 3 * n.interval_ms * interval '1 millisecond'
		  AND n.read_at > $3::timestamptz - interval '1 day'
		  AND NOT slot_runs(n.read_at, n.interval_ms, $3::timestamptz)
	) AS is_unseen
FROM finding f
LEFT JOIN alert a ON a.finding_id = f.id
WHERE f.kind = $1::text AND (f.active OR f.fingerprint_id = ANY ($2::int4[]))
