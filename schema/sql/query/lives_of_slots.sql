-- Processes of slots $1 that lived between $2 and $3.  For the compactor, of those that late
-- readings came of.  By generation_slot; a row for each, in order of their start.
SELECT g.id, g.slot_id, s.service_id, s.host_id, g.fingerprint_id
FROM generation g JOIN slot s ON s.id = g.slot_id
WHERE g.slot_id = ANY ($1::int4[])
  AND g.started_at < $3::timestamptz + interval '5 minutes'
  AND g.last_sample_at >= $2::timestamptz - interval '5 minutes'
ORDER BY g.started_at, g.id
