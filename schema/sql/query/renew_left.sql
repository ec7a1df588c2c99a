-- The alerts of which target $1 was told and which are none of the open ones $2, nor open: the
-- caller may not have read all.  For the messenger.  By the primary key; at most $3 rows.
SELECT x.alert_id FROM target_alert x
WHERE x.target_id = $1::int4 AND x.alert_id <> ALL ($2::int8[])
  AND NOT EXISTS (
	SELECT FROM alert a
	JOIN finding f ON f.id = a.finding_id
	JOIN service s ON s.id = f.service_id
	JOIN target t ON t.id = x.target_id
	WHERE a.id = x.alert_id AND a.merged_into IS NULL
	  AND a.state IN ('open', 'acknowledged')
	  AND (t.service = '' OR s.name ILIKE name_pattern(t.service)))
ORDER BY x.alert_id
LIMIT $3::int4
