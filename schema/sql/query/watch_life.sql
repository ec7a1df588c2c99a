-- The process lives that the watch judges at $1: of each seat read within a quarter of
-- an hour the newest ones that ran its present version and were read within 7 days.
-- Generations by their slot; at most eight rows a seat.
SELECT n.service_id, s.name AS service, n.fingerprint_id, f.version, f.runtime,
	n.slot_id, n.host_id, g.id AS generation_id, g.started_at, g.last_sample_at
FROM slot_now n
JOIN service s ON s.id = n.service_id
JOIN fingerprint f ON f.id = n.fingerprint_id
JOIN LATERAL (
	SELECT id, started_at, last_sample_at
	FROM generation
	WHERE slot_id = n.slot_id AND fingerprint_id = n.fingerprint_id
	  AND last_sample_at > $1::timestamptz - interval '7 days'
	ORDER BY started_at DESC, id DESC
	LIMIT 8
) g ON true
WHERE n.read_at > $1::timestamptz - interval '15 minutes'
ORDER BY n.service_id, n.fingerprint_id, n.slot_id, g.started_at, g.id
