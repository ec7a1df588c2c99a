-- Gives user $1 the role $2 and, where $3, the limit $4 (NULL: none); an admin has none.  His
-- sessions end: what they may has changed.  For PUT /users/{id} and "user limit".  By the primary
-- key; at most one row.
WITH changed AS (
	UPDATE app_user SET role = $2::text, services = CASE WHEN $2::text = 'admin' THEN NULL
		WHEN $3::boolean THEN $4::text[] ELSE services END
	WHERE id = $1::int4
	RETURNING id
)
DELETE FROM session s USING changed c WHERE s.user_id = c.id
