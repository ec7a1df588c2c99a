-- The replays of service $1, the newest first, behind id $2 (NULL: from the start); at most
-- $3 rows.  For GET /services/{id}/replays.  By the index on (service, id).
SELECT r.id, r.service_id, r.sensitivity, r.from_at, r.to_at, r.state, u.name AS asked_by,
	r.asked_at, r.ended_at, r.readings, jsonb_array_length(r.alarms) AS alarm_count, r.text
FROM replay r
LEFT JOIN app_user u ON u.id = r.asked_by
WHERE r.service_id = $1::int4 AND ($2::int8 IS NULL OR r.id < $2::int8)
ORDER BY r.id DESC
LIMIT $3::int4
