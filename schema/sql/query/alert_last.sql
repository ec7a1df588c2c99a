-- What last happened to alert $1, and whether it was a step of user $2 at $3 or later that can
-- be undone: nothing else has touched the alert since.  For POST /alerts/{id}/undo, of an
-- alert that is locked.  By the index on (alert, id); a row.
SELECT e.id, e.kind, COALESCE(e.user_id = $2::int4, false) AS is_own,
	e.at >= $3::timestamptz AS is_fresh,
	COALESCE((e.before->>'revision')::int4 + 1 = a.revision, false) AS is_last
FROM alert_event e
JOIN alert a ON a.id = e.alert_id
WHERE e.alert_id = $1::int8
ORDER BY e.id DESC
LIMIT 1
