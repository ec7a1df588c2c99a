-- The user of name $1, who may have left.  For "user limit".  By the unique name; at most one row.
SELECT id FROM app_user WHERE name = $1::text
