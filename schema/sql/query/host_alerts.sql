-- Open and acknowledged alerts that have a seat of host $1 inside, the newest first.  For GET
-- /hosts/{id}.  Slots by their host; at most 50 rows.
SELECT a.id, a.state, a.resolution, p.label AS version, f.level, f.kind, f.summary, s.id AS service_id,
	s.name AS service
FROM alert a
JOIN finding f ON f.id = a.finding_id
JOIN service s ON s.id = f.service_id
JOIN version_label p ON p.id = f.fingerprint_id
WHERE a.state IN ('open', 'acknowledged') AND a.merged_into IS NULL AND EXISTS (
	SELECT FROM finding_slot i JOIN slot t ON t.id = i.slot_id
	WHERE i.finding_id = f.id AND t.host_id = $1::int4)
ORDER BY a.opened_at DESC, a.id DESC
LIMIT 50
