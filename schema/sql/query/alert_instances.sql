-- The seats inside finding $1 at $2, the fastest growing first.  Figures of a seat that
-- runs another version now are those of the finding.  For GET /alerts/{id}.  By the key
-- (finding, slot); at most 200 rows.
SELECT fs.slot_id, n.host_id, n.host, n.ordinal, n.pid, fs.first_at, fs.last_at,
	slot_runs(n.read_at, n.interval_ms, $2::timestamptz) AS running,
	COALESCE(v.rate_kb_h, fs.rate_kb_h) AS rate_kb_h,
	COALESCE(v.rate_low_kb_h, v.rate_kb_h, fs.rate_kb_h) AS rate_low_kb_h,
	COALESCE(v.rate_high_kb_h, v.rate_kb_h, fs.rate_kb_h) AS rate_high_kb_h,
	COALESCE(v.level, '') AS level, p.id AS fingerprint_id, p.label AS version,
	v.value_kb, v.limit_kb, v.exhaust_at, v.exhaust_low_at, v.exhaust_high_at,
	v.onset_at, v.onset_low_at, v.onset_high_at, COALESCE(v.restarts, 0) AS restarts,
	CASE WHEN v.silent AND NOT slot_ended(n.behind, n.interval_ms) THEN n.last_sample_at
	END AS silent_since,
	COALESCE(v.summary, '') AS summary
FROM finding_slot fs
JOIN finding f ON f.id = fs.finding_id
JOIN slot_now n ON n.slot_id = fs.slot_id
	AND n.slot_id = ANY (ARRAY(SELECT slot_id FROM finding_slot WHERE finding_id = $1::int8))
LEFT JOIN slot_verdict v ON v.slot_id = fs.slot_id
	AND v.slot_id = ANY (ARRAY(SELECT slot_id FROM finding_slot WHERE finding_id = $1::int8))
	AND v.fingerprint_id = ANY (ARRAY(
		SELECT fingerprint_id FROM finding_version WHERE finding_id = $1::int8))
JOIN version_label p ON p.id = COALESCE(v.fingerprint_id, f.fingerprint_id)
WHERE fs.finding_id = $1::int8
ORDER BY COALESCE(v.rate_kb_h, fs.rate_kb_h) DESC NULLS LAST, fs.slot_id
LIMIT 200
