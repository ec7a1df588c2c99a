-- Process lives of service $1 that were read between $2 and $3, in the order in which they
-- began, with the names of where they ran.  For the watch, once for each replay.  Seats by
-- their service, generations by their slot.
SELECT g.id, g.slot_id, s.service_id, g.host_id, g.fingerprint_id, g.started_at,
	g.last_sample_at, h.name AS host, s.ordinal
FROM slot s
JOIN generation g ON g.slot_id = s.id
JOIN host h ON h.id = g.host_id
WHERE s.service_id = $1::int4 AND g.started_at < $3::timestamptz
  AND g.last_sample_at >= $2::timestamptz
ORDER BY g.started_at, g.id
