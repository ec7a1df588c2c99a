-- The newest revision of group $1 that was good before the good one of now.  By
-- config_revision_group; at most one row.
SELECT max(r.id) AS id
FROM config_revision r JOIN config_group g ON g.id = r.group_id
WHERE r.group_id = $1::int4 AND r.state = 'replaced' AND r.id < g.good_id
