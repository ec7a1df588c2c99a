-- All agents of group $1 are to run what the group's good revision says, from $2 on.  By
-- agent_config_group.
UPDATE agent_config c SET desired_id = g.good_id, desired_at = $2::timestamptz, stage = NULL,
	counted = false, base_cpu_ppm = NULL, base_rss_bytes = NULL
FROM config_group g
WHERE g.id = $1::int4 AND c.group_id = g.id
  AND (c.desired_id IS DISTINCT FROM g.good_id OR c.stage IS NOT NULL)
