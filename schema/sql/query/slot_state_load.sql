-- What the detector remembers of seats behind id $1.  For the watch when it starts, page
-- by page.  By the primary key; at most $2 rows.
SELECT t.slot_id, s.service_id, s.host_id, t.at, t.state
FROM slot_state t
JOIN slot s ON s.id = t.slot_id
WHERE t.slot_id > $1::int4
ORDER BY t.slot_id
LIMIT $2::int4
