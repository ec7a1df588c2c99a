-- Locks capture $1 for a step, if it is of host $2 (NULL: any), and tells how it stands.
-- By the primary key; at most one row.  For the steps of people and for ingest.
SELECT c.id, c.state, c.slot_id, c.service_id, c.host_id, c.generation_id, c.deadline_at,
	c.ordered_at IS NOT NULL AS ordered, c.ordered_at, c.keep_raw, c.asks, c.card->>'gate' AS gate,
	(SELECT string_agg(r, E'\n') FROM jsonb_array_elements_text(c.card->'reasons') r)
		AS reasons,
	EXISTS (SELECT FROM snapshot n WHERE n.capture_id = c.id) AS has_snapshot,
	COALESCE((SELECT name FROM app_user WHERE id = COALESCE(c.confirmed_by, c.asked_by)),
		'policy') AS asker,
	s.name || ' on ' || h.name || ', pid ' || g.pid AS subject
FROM capture c
JOIN service s ON s.id = c.service_id
JOIN host h ON h.id = c.host_id
JOIN generation g ON g.id = c.generation_id
WHERE c.id = $1::int8 AND ($2::int4 IS NULL OR c.host_id = $2::int4)
FOR UPDATE OF c
