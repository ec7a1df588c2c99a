-- Moves an API token's last use on.  For calls with one, at most once a minute each.  By the
-- primary key; at most one row.
UPDATE token SET last_used_at = $2::timestamptz
WHERE id = $1::text
