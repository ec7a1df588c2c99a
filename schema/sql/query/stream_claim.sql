-- Locks streams, always in the same order, and tells what is stored of each and whose
-- they are.  $1, $2: agents and epochs.  A row per stream, by primary key.
SELECT s.agent_id, s.epoch, s.stored, a.host_id, a.revoked_at IS NOT NULL AS revoked,
       h.machine_id
FROM stream s
JOIN agent a ON a.id = s.agent_id
JOIN host h ON h.id = a.host_id
WHERE (s.agent_id, s.epoch) IN (SELECT * FROM unnest($1::int4[], $2::int8[]))
ORDER BY s.agent_id, s.epoch
FOR UPDATE OF s
