-- Takes target $1 away, and its messages.  For DELETE /targets/{id}.  By the primary key.
DELETE FROM target WHERE id = $1::int4
RETURNING id
