-- The sessions of user $1 that began after $2 and were used after $3, the last used first.  For
-- GET /sessions.  By session_owner; at most 100 rows.
SELECT id, created_at, last_used_at, address, program
FROM session
WHERE user_id = $1::int4 AND created_at > $2::timestamptz AND last_used_at > $3::timestamptz
ORDER BY last_used_at DESC, id DESC
LIMIT 100
