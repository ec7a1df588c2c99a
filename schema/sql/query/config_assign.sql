-- Puts each agent into the group that the rules say, and has it run what that group's hosts
-- run: what is rolled out to all of them, else the good one.  At $1.  By the whole table of
-- agents; writes those that move.
WITH m AS (
	SELECT m.agent_id, m.group_id,
		COALESCE((SELECT r.id FROM config_revision r WHERE r.group_id = m.group_id
			AND r.state IN ('rolling', 'paused') AND r.stage = 3), g.good_id) AS desired_id
	FROM config_member m
	LEFT JOIN config_group g ON g.id = m.group_id
	LEFT JOIN agent_config c ON c.agent_id = m.agent_id
	WHERE c.group_id IS DISTINCT FROM m.group_id
	   OR (m.group_id IS NULL AND c.desired_id IS NOT NULL)
)
INSERT INTO agent_config AS c (agent_id, group_id, desired_id, desired_at)
SELECT agent_id, group_id, desired_id, $1::timestamptz FROM m
ON CONFLICT (agent_id) DO UPDATE SET group_id = excluded.group_id,
	desired_at = CASE WHEN c.desired_id IS DISTINCT FROM excluded.desired_id
		THEN excluded.desired_at ELSE c.desired_at END,
	desired_id = excluded.desired_id, stage = NULL, counted = false, base_cpu_ppm = NULL,
	base_rss_bytes = NULL
