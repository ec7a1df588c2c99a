-- Notes how the verification of alert $1 stands at $2: its state $3, $4 ms on $5 hosts since
-- $6; once it is verified, with an event of words $7.  For the watch.  By the primary key; one
-- row, none when people have taken the resolution back meanwhile.
WITH moved AS (
	UPDATE alert SET verify_state = $3::text, verify_ms = $4::int8, verify_hosts = $5::int4,
		verify_since = $6::timestamptz,
		verified_at = CASE $3::text WHEN 'verified' THEN $2::timestamptz END,
		revision = revision + CASE $3::text WHEN 'verified' THEN 1 ELSE 0 END
	WHERE id = $1::int8 AND state = 'resolved' AND verify_state IN ('waiting', 'running')
	RETURNING id
)
INSERT INTO alert_event (alert_id, at, kind, text)
SELECT id, $2::timestamptz, 'verified', $7::text FROM moved
WHERE $3::text = 'verified'
