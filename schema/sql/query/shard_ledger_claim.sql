-- Locks streams on this shard, always in the same order, and tells which of their batches
-- have their readings here.  $1, $2: agents and epochs.  A row each, by primary key.
SELECT s.agent_id, s.epoch, s.stored
FROM shard_ledger s
WHERE (s.agent_id, s.epoch) IN (SELECT * FROM unnest($1::int4[], $2::int8[]))
ORDER BY s.agent_id, s.epoch
FOR UPDATE
