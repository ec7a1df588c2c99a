-- Asks for a replay of service $1 at sensitivity $2 from $3 to $4, by user $5 at $6; of
-- those that ended only the newest 20 stay.  For POST /services/{id}/replays.  By the index
-- on (service, id); one row.
WITH trimmed AS (
	DELETE FROM replay WHERE id IN (
		SELECT id FROM replay
		WHERE service_id = $1::int4 AND state IN ('done', 'failed')
		ORDER BY id DESC OFFSET 19)
)
INSERT INTO replay (service_id, sensitivity, from_at, to_at, asked_by, asked_at)
VALUES ($1::int4, $2::text, $3::timestamptz, $4::timestamptz, $5::int4, $6::timestamptz)
RETURNING id, pg_notify('tidemark', 'replays')
