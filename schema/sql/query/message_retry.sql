-- Message $1, which was given up, is tried again at $2.  For POST /messages/{id}/retry.
UPDATE message SET state = 'waiting', next_at = $2::timestamptz, tries = 0
WHERE id = $1::int8 AND state = 'failed'
RETURNING id
