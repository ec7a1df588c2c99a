-- Sets a password and ends every session of the user.  For "user passwd" and POST
-- /session/password.  By the unique name; at most one row.
WITH changed AS (
	UPDATE app_user SET password_hash = $2::text, password_is_one_time = $3::boolean,
		failed_logins = 0, last_failed_at = NULL
	WHERE name = $1::text
	RETURNING id
), ended AS (
	DELETE FROM session s USING changed c
	WHERE s.user_id = c.id
)
SELECT id FROM changed
