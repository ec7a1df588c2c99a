-- Who holds a session that began after $2 and was used after $3, and has not left.  For every
-- call with a cookie.  By the primary key; at most one row.
SELECT u.id, u.name, u.role, u.password_is_one_time, u.services IS NOT NULL AS is_limited,
	to_json(u.services)::text AS services, s.last_used_at, s.id AS session_id
FROM session s
JOIN app_user u ON u.id = s.user_id
WHERE s.token_hash = $1::bytea AND u.retired_at IS NULL AND s.created_at > $2::timestamptz
  AND s.last_used_at > $3::timestamptz
