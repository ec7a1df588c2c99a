-- Opens the alert of finding $1 at $2 with words $3.  For the watch.  By the unique key on
-- the finding; one row, none when there is an alert already.
WITH opened AS (
	INSERT INTO alert (finding_id, opened_at)
	VALUES ($1::int8, $2::timestamptz)
	ON CONFLICT (finding_id) DO NOTHING
	RETURNING id
)
INSERT INTO alert_event (alert_id, at, kind, text)
SELECT id, $2::timestamptz, 'opened', $3::text FROM opened
