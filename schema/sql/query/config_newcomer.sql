-- Whether there are agents for whom nobody has looked yet what they are to run.  For the watch.
-- By the whole table of agents, and agent_config's primary key; one row.
SELECT EXISTS (
	SELECT FROM agent a
	WHERE a.revoked_at IS NULL
	  AND NOT EXISTS (SELECT FROM agent_config c WHERE c.agent_id = a.id)) AS found
