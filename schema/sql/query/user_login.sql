-- What is needed to check a password of a user who has not left.  For POST /session and POST /session/password.
-- By the unique name; at most one row.
SELECT id, name, role, password_hash, password_is_one_time, to_json(services)::text AS services
FROM app_user
WHERE name = $1::text AND retired_at IS NULL
