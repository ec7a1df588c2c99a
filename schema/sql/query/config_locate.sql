-- The name of group $1, its good revision and the one that is rolled out or paused.  By the
-- primary key and config_revision_group.
SELECT g.name, g.good_id, r.id AS rollout_id, r.state, r.stage
FROM config_group g
LEFT JOIN config_revision r ON r.group_id = g.id AND r.state IN ('rolling', 'paused')
WHERE g.id = $1::int4
