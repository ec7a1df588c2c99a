-- What people think of the cause of alert $1, oldest first; those with a key are remarks on
-- the hypotheses that are computed.  For GET /alerts/{id}/hypotheses.  By the index on
-- (alert, id); at most 300 rows.
SELECT h.id, h.alert_id, h.key, h.cause, h.test, h.result, h.verdict, h.remark,
	h.author_id, u.name AS author, h.changed_at, h.revision
FROM hypothesis h JOIN app_user u ON u.id = h.author_id
WHERE h.alert_id = $1::int8
ORDER BY h.id
LIMIT 300
