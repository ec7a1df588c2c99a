-- Makes the rows of streams that are new on this shard.  $1, $2: agents and epochs, in
-- order.  For ingest, once per transaction; no rows.
INSERT INTO shard_ledger (agent_id, epoch)
SELECT t.agent_id, t.epoch
FROM unnest($1::int4[], $2::int8[]) AS t (agent_id, epoch)
WHERE NOT EXISTS (SELECT FROM shard_ledger s
	WHERE s.agent_id = t.agent_id AND s.epoch = t.epoch)
ON CONFLICT DO NOTHING
