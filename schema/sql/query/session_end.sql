-- Ends session $1 of user $2.  For DELETE /sessions/{id}.  By the unique id; at most one row.
DELETE FROM session WHERE id = $1::int8 AND user_id = $2::int4
