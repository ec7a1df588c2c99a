-- Message $1, which waits or was given up, is sent no more.  For POST /messages/{id}/drop.  By
-- the primary key; at most one row.
WITH gone AS (
	UPDATE message SET state = 'dropped' WHERE id = $1::int8
		AND state IN ('failed', 'waiting', 'muted')
	RETURNING id, target_id
)
SELECT g.id, t.name AS target FROM gone g JOIN target t ON t.id = g.target_id
