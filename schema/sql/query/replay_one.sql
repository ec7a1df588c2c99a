-- Replay $1 with what it would have raised.  For GET /replays/{id}.  By primary keys; at
-- most one row.
SELECT r.id, r.service_id, r.sensitivity, r.from_at, r.to_at, r.state, u.name AS asked_by,
	r.asked_at, r.ended_at, r.readings, jsonb_array_length(r.alarms) AS alarm_count, r.text,
	r.alarms
FROM replay r
LEFT JOIN app_user u ON u.id = r.asked_by
WHERE r.id = $1::int8
