-- Makes the rows of streams that are new; agents that do not exist are passed over.
-- $1, $2: agents and epochs, in order.  For ingest, when it meets new ones; no rows.
INSERT INTO stream (agent_id, epoch)
SELECT t.agent_id, t.epoch
FROM unnest($1::int4[], $2::int8[]) AS t (agent_id, epoch)
WHERE EXISTS (SELECT FROM agent WHERE agent.id = t.agent_id)
  AND NOT EXISTS (
	SELECT FROM stream s WHERE s.agent_id = t.agent_id AND s.epoch = t.epoch)
ON CONFLICT DO NOTHING
