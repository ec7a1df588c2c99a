-- Takes experiment $1 away.  For DELETE /experiments/{id}.  By the primary key; at most one row.
DELETE FROM experiment WHERE id = $1::int8
RETURNING id
