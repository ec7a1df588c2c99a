-- Gives alert $1 to owner $2 (NULL: nobody).  For POST /alerts/{id}/assign, of an alert that
-- is locked.  By the primary key; one row.
UPDATE alert SET owner_id = $2::int4 WHERE id = $1::int8
