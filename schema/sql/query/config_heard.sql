-- Whether the fleet is heard at $1, of the agents that were within the last hour: at least half of
-- those that no rollout concerns report; or all that one does; or, when one concerns all, any.  For
-- the watch, while something is rolled out.  The whole table of agents; one row.
SELECT (n.others > 0 AND 2 * n.others_report >= n.others)
	OR (n.told > 0 AND n.told_report = n.told)
	OR (n.others = 0 AND n.told_report > 0) AS heard
FROM (
	SELECT count(*) FILTER (WHERE x.told) AS told,
		count(*) FILTER (WHERE x.told AND x.reporting) AS told_report,
		count(*) FILTER (WHERE NOT x.told) AS others,
		count(*) FILTER (WHERE NOT x.told AND x.reporting) AS others_report
	FROM (
		SELECT a.reporting, COALESCE(r.state IN ('rolling', 'paused'), false) AS told
		FROM config_agents($1::timestamptz) a
		LEFT JOIN config_revision r ON r.id = a.desired_id
		WHERE a.reporting OR a.last_seen_at >= $1::timestamptz - interval '1 hour'
	) x
) n
