-- Seats on host $1 seen within a day of $2, by service and ordinal, behind (service, ordinal,
-- id) = ($3, $4, $5), from the start when $5 is NULL, with the columns of instance_page; at
-- most $6 rows.  For GET /hosts/{id}/instances.  Slots by their host, the rest by primary keys.
WITH page AS (
	SELECT n.slot_id, s.name, n.ordinal FROM slot_now n JOIN service s ON s.id = n.service_id
	WHERE n.host_id = $1::int4
	  AND n.read_at > $2::timestamptz - interval '1 day'
	  AND ($5::int4 IS NULL
		OR (s.name, n.ordinal, n.slot_id) > ($3::text, $4::int4, $5::int4))
	ORDER BY s.name, n.ordinal, n.slot_id
	LIMIT $6::int4
), label AS MATERIALIZED (
	SELECT id, label FROM version_label WHERE id IN (
		SELECT fingerprint_id FROM slot_now
		WHERE slot_id = ANY (ARRAY(SELECT slot_id FROM page)))
)
SELECT n.slot_id, n.service_id, s.name AS service, n.host_id, n.host, n.ordinal,
	n.generation_id, n.fingerprint_id, f.label AS version, n.pid, n.command, n.rule,
	n.started_at, n.last_sample_at,
	slot_runs(n.read_at, n.interval_ms, $2::timestamptz) AS running,
	(SELECT count(*) - 1 FROM generation g WHERE g.slot_id = n.slot_id) AS restarts,
	COALESCE(v.verdict, 'learning') AS verdict, COALESCE(v.level, '') AS level,
	COALESCE(v.kind, '') AS kind, v.rate_kb_h, v.rate_low_kb_h,
	v.rate_high_kb_h, v.value_kb, v.limit_kb, v.exhaust_at, v.exhaust_low_at,
	v.exhaust_high_at, v.onset_at, v.onset_low_at, v.onset_high_at, v.wait_s,
	CASE WHEN v.silent AND NOT slot_ended(n.behind, n.interval_ms) THEN n.last_sample_at
	END AS silent_since,
	COALESCE(v.summary, '') AS summary, COALESCE(v.reasons, '[]') AS reasons
FROM slot_now n
JOIN service s ON s.id = n.service_id
JOIN label f ON f.id = n.fingerprint_id
LEFT JOIN slot_verdict v ON v.slot_id = n.slot_id AND v.fingerprint_id = n.fingerprint_id
WHERE n.slot_id = ANY (ARRAY(SELECT slot_id FROM page))
ORDER BY s.name, n.ordinal, n.slot_id
