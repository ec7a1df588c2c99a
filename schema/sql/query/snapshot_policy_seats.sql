-- Seats of services $1 at $2, each with its newest process and the verdict on it.  For the
-- watch.  Slots by their service; at most 10000 rows.
SELECT n.service_id, n.slot_id, n.generation_id, n.fingerprint_id,
	slot_runs(n.read_at, n.interval_ms, $2::timestamptz) AS runs,
	COALESCE(v.verdict, '') AS verdict, v.rate_low_kb_h, v.value_kb, n.started_at,
	COALESCE(v.exhaust_at < $2::timestamptz + interval '1 hour', false) AS is_near_limit
FROM slot_now n
LEFT JOIN slot_verdict v ON v.slot_id = n.slot_id AND v.generation_id = n.generation_id
WHERE n.service_id = ANY ($1::int4[])
  AND n.read_at > $2::timestamptz - interval '1 day'
ORDER BY n.service_id, n.slot_id
LIMIT 10000
