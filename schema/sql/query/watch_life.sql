-- Process lives read after $1, in the order in which they began.  For the watch, each
-- turn: those that run, and all of the last weeks when it starts.  By generation_last.
SELECT g.id, g.slot_id, s.service_id, g.host_id, g.fingerprint_id, g.started_at,
	g.last_sample_at
FROM generation g
JOIN slot s ON s.id = g.slot_id
WHERE g.last_sample_at > $1::timestamptz
ORDER BY g.started_at, g.id
