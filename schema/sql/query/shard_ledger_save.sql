-- Writes which batches of each stream have their readings on this shard.  $1 agents,
-- $2 epochs, $3 multiranges as text; the rows are locked already.
UPDATE shard_ledger s
SET stored = t.stored::int8multirange
FROM unnest($1::int4[], $2::int8[], $3::text[]) AS t (agent_id, epoch, stored)
WHERE s.agent_id = t.agent_id AND s.epoch = t.epoch
