-- Revisions of group $1, newest first, before $2 when that is not 0, at most $3; or the one
-- revision $4 when that is not 0.  For GET /config/groups/{id}/revisions.  By
-- config_revision_group.
SELECT r.id, r.group_id, r.settings::text AS settings, r.note, r.state, r.made_by, r.made_at,
	r.started_at, r.ended_at, CASE WHEN r.state IN ('rolling', 'paused') THEN r.stage END AS stage,
	r.stage_at, r.settled_at, r.reason, g.soak_s, g.automatic,
	CASE WHEN r.state IN ('rolling', 'paused') THEN (
		SELECT count(*) FROM agent_config c
		WHERE c.desired_id = r.id AND c.counted) ELSE 0 END AS stage_hosts,
	CASE WHEN r.state IN ('rolling', 'paused') THEN (
		SELECT count(*) FROM agent_config c JOIN agent a ON a.id = c.agent_id
		WHERE c.desired_id = r.id AND c.counted AND a.config_id = r.id
		  AND a.config_hash = r.hash) ELSE 0 END AS stage_done
FROM config_revision r
JOIN config_group g ON g.id = r.group_id
WHERE CASE WHEN $4::int8 <> 0 THEN r.id = $4::int8
	ELSE r.group_id = $1::int4 AND ($2::int8 = 0 OR r.id < $2::int8) END
ORDER BY r.id DESC
LIMIT $3::int4
