-- A new secret $2 for signing for target $1 at $3; the one before signs as well until $4.  For
-- POST /targets/{id}/secret.  By the primary key; one row.
UPDATE target_secret SET old = signing,
	old_until = CASE WHEN signing <> '' THEN $4::timestamptz END,
	signing = $2::text, made_at = $3::timestamptz
WHERE target_id = $1::int4
RETURNING target_id
