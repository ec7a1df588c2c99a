-- A trial of target $1: a message of no alert, due at once.  For POST /targets/{id}/test.
INSERT INTO message (target_id, next_at, made_at)
SELECT id, $2::timestamptz, $2::timestamptz FROM target WHERE id = $1::int4
RETURNING id
