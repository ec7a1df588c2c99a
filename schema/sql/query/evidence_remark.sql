-- Notes in the story of alert $1 at $2 that the detector saw $3 ('quiet' or 'growing'),
-- with words $4.  For the watch.  One row.
INSERT INTO alert_event (alert_id, at, kind, text)
VALUES ($1::int8, $2::timestamptz, $3::text, $4::text)
