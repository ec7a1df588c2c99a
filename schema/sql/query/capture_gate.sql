-- What speaks against a capture of the newest process of seat $1 at $2, besides capture
-- $3 itself (NULL: there is none yet).  For POST /instances/{id}/captures and
-- /captures/{id}/confirm.  By primary keys, the service's seats, and the captures that
-- are under way, which are few; at most one row.  A card that was refused keeps nobody
-- waiting.  Others that will reach their limit within the hour do not answer in its
-- place, nor do those that leak in the place of one that does not.
SELECT n.service_id, s.name AS service, n.host_id, n.host, n.pid, n.generation_id,
	n.fingerprint_id,
	slot_runs(n.read_at, n.interval_ms, $2::timestamptz) AS running,
	EXISTS (SELECT FROM agent a
		WHERE a.host_id = n.host_id AND a.revoked_at IS NULL
		AND agent_reports(a.last_seen_at, n.interval_ms, $2::timestamptz)) AS reports,
	EXISTS (SELECT FROM slot_now o
		WHERE o.service_id = n.service_id AND o.slot_id <> n.slot_id
		AND slot_runs(o.read_at, o.interval_ms, $2::timestamptz)) AS has_others,
	EXISTS (SELECT FROM slot_now o
		LEFT JOIN slot_verdict ov
			ON ov.slot_id = o.slot_id AND ov.generation_id = o.generation_id
		WHERE o.service_id = n.service_id AND o.slot_id <> n.slot_id
		AND slot_runs(o.read_at, o.interval_ms, $2::timestamptz)
		AND COALESCE(ov.exhaust_at >= $2::timestamptz + interval '1 hour', true)
		AND (v.verdict = 'leak' OR COALESCE(ov.verdict <> 'leak', true)))
		AS has_healthy_others,
	other.id AS other_id, other.same_service AS other_is_of_service
FROM slot_now n
JOIN service s ON s.id = n.service_id
LEFT JOIN slot_verdict v ON v.slot_id = n.slot_id AND v.generation_id = n.generation_id
LEFT JOIN LATERAL (
	SELECT c.id, c.service_id = n.service_id AS same_service FROM capture c
	WHERE c.state IN ('quoting', 'quoted', 'ordered', 'running')
	  AND (c.service_id = n.service_id OR c.host_id = n.host_id)
	  AND c.deadline_at > $2::timestamptz
	  AND c.id IS DISTINCT FROM $3::int8
	  AND NOT (c.state = 'quoted' AND c.card->>'gate' = 'refused')
	ORDER BY c.service_id = n.service_id DESC, c.id
	LIMIT 1
) other ON true
WHERE n.slot_id = $1::int4
