-- Counts a wrong password.  Does not wait for the disk: else the time would say which
-- names exist.  For POST /session.  By the unique name; at most one row.
WITH quick AS MATERIALIZED (
	SELECT set_config('synchronous_commit', 'off', true)
)
UPDATE app_user SET failed_logins = LEAST(failed_logins + 1, 1000),
	last_failed_at = $2::timestamptz
FROM quick
WHERE name = $1::text
