-- The versions of services $1 that run at $2 or are judged, newest first.  For GET
-- /services, /services/{id} and /alerts/{id}.  Fingerprints and seats by their
-- service; at most 5,000 rows.
SELECT f.service_id, f.id, f.version, f.label, f.runtime, f.first_seen_at,
	COALESCE(r.instances, 0) AS running,
	COALESCE(v.slots, r.instances, 0) AS instances,
	COALESCE(v.hosts, r.hosts, 0) AS hosts,
	COALESCE(v.slots_leaking, 0) AS instances_leaking,
	COALESCE(v.hosts_leaking, 0) AS hosts_leaking,
	COALESCE(v.verdict, 'learning') AS verdict, COALESCE(v.level, '') AS level,
	COALESCE(v.kind, '') AS kind, v.rate_kb_h, v.rate_low_kb_h, v.rate_high_kb_h,
	v.onset_at, v.exhaust_at, v.wait_s, q.silent_since,
	COALESCE(v.summary, '') AS summary, COALESCE(v.reasons, '[]') AS reasons
FROM version_label f
LEFT JOIN (
	SELECT fingerprint_id, count(*) AS instances, count(DISTINCT host_id) AS hosts
	FROM slot_now
	WHERE service_id = ANY ($1::int4[])
	  AND slot_runs(read_at, interval_ms, $2::timestamptz)
	GROUP BY fingerprint_id
) r ON r.fingerprint_id = f.id
LEFT JOIN version_now($2::timestamptz) v ON v.fingerprint_id = f.id
LEFT JOIN LATERAL (
	SELECT CASE WHEN NOT bool_and(slot_ended(n.behind, n.interval_ms))
		THEN max(n.last_sample_at) END AS silent_since
	FROM slot_verdict sv JOIN slot_now n ON n.slot_id = sv.slot_id
	WHERE sv.fingerprint_id = f.id
	  -- Of most versions the first seat that is not silent says all.
	  AND COALESCE((SELECT false FROM slot_verdict o
		WHERE o.fingerprint_id = f.id AND NOT o.silent LIMIT 1), true)
) q ON true
WHERE f.service_id = ANY ($1::int4[])
  AND (r.fingerprint_id IS NOT NULL OR v.fingerprint_id IS NOT NULL)
ORDER BY f.service_id, f.first_seen_at DESC, f.id DESC
LIMIT 5000
