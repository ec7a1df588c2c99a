-- Counts a wrong password.  For POST /session.  By the unique name; at most one row.
UPDATE app_user SET failed_logins = LEAST(failed_logins + 1, 1000), last_failed_at = $2::timestamptz
WHERE name = $1::text
