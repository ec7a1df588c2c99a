-- Rollouts under way and paused, with how they are to go.  For the watch.  By config_revision_rolls; at
-- most 100 rows.
SELECT r.id, r.group_id, g.name, r.stage, r.state = 'paused' AS paused, r.stage_at, r.settled_at, r.settings ->> 'interval'
	AS interval, g.soak_s, g.automatic, g.silent_s, g.cpu_ppm, g.rss_bytes
FROM config_revision r
JOIN config_group g ON g.id = r.group_id
WHERE r.state IN ('rolling', 'paused')
ORDER BY r.id
LIMIT 100
