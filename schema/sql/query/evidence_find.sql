-- Findings that are active, have an open alert, share one of versions $1 or were resolved in a
-- version of one of services $3, each with its versions and its alert as of $2; whether one of its seats cannot be seen (it ran when
-- its agent was last heard, and the agent has been silent since) and whether one can, all
-- seats of its versions where none leaks by itself; and for alerts that are quiet when a
-- process of its versions was last read.  For the watch.  By the table, which holds a row
-- for each cause there ever was; seats and versions by primary keys, the seats of a
-- service and generations by their indexes.
SELECT f.id, f.service_id, f.kind, f.level, f.active, f.fingerprint_id, f.first_at,
	f.last_at, f.confirmed_at, f.onset_at,
	ARRAY(SELECT fingerprint_id::int8 FROM finding_version
		WHERE finding_id = f.id ORDER BY 1) AS versions,
	a.id AS alert_id, a.state, a.resolution, a.opened_at, a.resolved_at, a.quiet_at,
	a.silent_at, a.resolved_in, a.seen_rate_kb_h, a.seen_hosts, a.archive_above_kb_h,
	a.archive_above_hosts, COALESCE(seat.is_unseen, false) AS is_unseen,
	COALESCE(seat.is_seen, false) AS is_seen,
	CASE WHEN a.quiet_at IS NOT NULL AND a.state <> 'resolved' THEN (
		SELECT max(g.last_sample_at) FROM finding_version v
		JOIN generation g ON g.fingerprint_id = v.fingerprint_id
		WHERE v.finding_id = f.id) END AS ran_at
FROM finding f
LEFT JOIN alert a ON a.finding_id = f.id
LEFT JOIN LATERAL (
	SELECT bool_or(runs) AS is_seen,
		bool_or(NOT runs AND NOT slot_ended(n.behind, n.interval_ms)) AS is_unseen
	FROM slot_now n
	JOIN finding_version v ON v.finding_id = f.id AND v.fingerprint_id = n.fingerprint_id
	CROSS JOIN LATERAL (
		SELECT slot_runs(n.read_at, n.interval_ms, $2::timestamptz) AS runs) r
	WHERE (f.active OR a.state <> 'resolved') AND n.slot_id = ANY (ARRAY(
		SELECT slot_id FROM finding_slot WHERE finding_id = f.id
		UNION ALL
		SELECT id FROM slot WHERE service_id = f.service_id
		  AND NOT EXISTS (SELECT FROM finding_slot WHERE finding_id = f.id)))
) seat ON true
WHERE f.active OR a.state <> 'resolved' OR f.id IN (
	SELECT finding_id FROM finding_version WHERE fingerprint_id = ANY ($1::int4[]))
  OR (a.resolved_in IS NOT NULL AND f.service_id = ANY ($3::int4[]))
ORDER BY f.id
