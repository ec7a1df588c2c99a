-- What is needed to check a password.  For POST /session and POST /session/password.
-- By the unique name; at most one row.
SELECT id, name, role, password_hash, password_is_one_time, failed_logins, last_failed_at
FROM app_user
WHERE name = $1::text
