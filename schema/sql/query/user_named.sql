-- The user of name $1 who has not left.  For the owner of an alert.  By the unique key; at most
-- one row.
SELECT id FROM app_user WHERE name = $1::text AND retired_at IS NULL
