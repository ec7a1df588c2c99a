-- User $1 leaves at $2, or comes back (NULL): leaving ends all sessions and revokes all tokens
-- of the user's.  For POST /users/{id}/retire and /restore.  By the primary key.
WITH left_now AS (
	UPDATE app_user SET retired_at = $2::timestamptz WHERE id = $1::int4
	RETURNING id
), ended AS (
	DELETE FROM session s USING left_now l WHERE s.user_id = l.id
)
UPDATE token t SET revoked_at = COALESCE(t.revoked_at, $2::timestamptz)
FROM left_now l
WHERE t.created_by = l.id AND $2::timestamptz IS NOT NULL
