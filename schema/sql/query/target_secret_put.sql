-- The secrets of target $1, which is new, at $4: password $2, and $3 for signing.  For POST
-- /targets.  By the primary key; one row.
UPDATE target_secret SET password = COALESCE($2::text, ''), signing = $3::text,
	made_at = CASE WHEN $3::text <> '' THEN $4::timestamptz END
WHERE target_id = $1::int4
RETURNING target_id
