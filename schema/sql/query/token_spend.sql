-- Spends one use, if the token still holds: two hosts cannot spend the last use both.
-- For enrolment.  By the primary key; changes at most one row.
UPDATE token SET uses = uses + 1
WHERE id = $1::text AND kind = 'join' AND revoked_at IS NULL AND expires_at > $2::timestamptz
  AND (max_uses IS NULL OR uses < max_uses)
