-- Moves a session's last use on.  For calls with a cookie, at most once a minute each.
-- By the primary key; at most one row.
UPDATE session SET last_used_at = $2::timestamptz
WHERE token_hash = $1::bytea
