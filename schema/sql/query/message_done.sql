-- How the try of message $1 ended: state $2, the next try at $3, at $4, for the reason $5.
-- For the notifier.  By the primary key; at most one row.
UPDATE message SET state = $2::text, next_at = COALESCE($3::timestamptz, next_at),
	sent_at = CASE WHEN $2::text = 'sent' THEN $4::timestamptz END, problem = $5::text
WHERE id = $1::int8
