-- The alerts of which target $1 was told and which are none of the open ones $2.  For the
-- messenger.  By the primary key; at most $3 rows.
SELECT alert_id FROM target_alert
WHERE target_id = $1::int4 AND alert_id <> ALL ($2::int8[])
ORDER BY alert_id
LIMIT $3::int4
