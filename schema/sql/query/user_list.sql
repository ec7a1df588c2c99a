-- All users by name, those who have left last.  For GET /users and "user list".  The whole
-- table; at most 10,000 rows.
SELECT id, name, role, password_is_one_time, created_at, retired_at,
	to_json(services)::text AS services
FROM app_user
ORDER BY retired_at IS NOT NULL, name
LIMIT 10000
