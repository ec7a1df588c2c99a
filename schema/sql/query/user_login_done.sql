-- Forgets wrong passwords after the right one; leaves the row alone when there were
-- none.  For POST /session.  By the primary key; at most one row.
UPDATE app_user SET failed_logins = 0, last_failed_at = NULL
WHERE id = $1::int4 AND failed_logins > 0
