-- All users by name.  For "user list".  The whole table; at most 10,000 rows.
SELECT id, name, role, password_is_one_time, created_at
FROM app_user
ORDER BY name
LIMIT 10000
