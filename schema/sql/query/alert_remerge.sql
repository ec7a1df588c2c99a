-- Brings alerts back into those that they were inside of before event $2 of alert $1, a merge or
-- the end of one, with events of user $4 at $3.  What somebody has moved on since stays, and
-- nothing open goes into what is resolved.  For POST /alerts/{id}/undo, of an alert that is
-- locked.  By primary keys and the index on merged_into; a row an alert.
WITH back AS (
	UPDATE alert a SET merged_into = i."into", revision = a.revision + 1
	FROM alert_event e
	CROSS JOIN LATERAL jsonb_to_recordset(e.before->'inside') AS i (id int8, "into" int8)
	WHERE e.id = $2::int8 AND e.alert_id = $1::int8 AND a.id = i.id
	  AND a.merged_into IS NOT DISTINCT FROM CASE e.kind WHEN 'merged' THEN e.alert_id END
	  AND (i."into" IS NULL OR NOT EXISTS (SELECT FROM alert x WHERE x.merged_into = a.id)
		AND NOT EXISTS (SELECT FROM alert o
			WHERE o.id = i."into" AND (o.merged_into <> $1::int8
				OR o.state = 'resolved' AND a.state <> 'resolved')))
	RETURNING a.id, e.kind
)
INSERT INTO alert_event (alert_id, at, user_id, kind, text)
SELECT id, $3::timestamptz, $4::int4, 'undone', kind FROM back
