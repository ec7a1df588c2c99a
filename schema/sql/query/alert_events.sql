-- What happened to alert $1, oldest first; of a long story the newest 500.  For GET
-- /alerts/{id}.  By the index on (alert, id).
SELECT * FROM (
	SELECT e.id, e.at, u.name AS user_name, e.kind, e.text
	FROM alert_event e
	LEFT JOIN app_user u ON u.id = e.user_id
	WHERE e.alert_id = $1::int8
	ORDER BY e.id DESC
	LIMIT 500
) newest
ORDER BY id
