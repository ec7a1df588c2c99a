-- The settings of all revisions that some agent is to run, a row for each; one with a NULL name
-- for a revision that has none.  For ingest.  By config_revision's primary key.
SELECT r.id, r.hash, s.key AS name, s.value
FROM config_revision r
LEFT JOIN LATERAL jsonb_each_text(r.settings) s ON true
WHERE r.id IN (SELECT desired_id FROM agent_config)
ORDER BY r.id
