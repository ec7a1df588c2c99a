-- Ends replay $1 as $2 ('done' or 'failed') at $3, after $4 readings, with alarms $5 and
-- words $6.  For the watch.  By the primary key; one row.
UPDATE replay SET state = $2::text, ended_at = $3::timestamptz, readings = $4::int8,
	alarms = $5::jsonb, text = $6::text
WHERE id = $1::int8
