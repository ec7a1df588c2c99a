-- Bytes and rows of readings by the stage that they are in, and of the whole database.  For
-- GET /storage and /metrics, at most twice a minute; a look at the files of each partition,
-- of which there are some hundred.  Rows are PostgreSQL's own estimates.
SELECT stage, COALESCE(sum(pg_total_relation_size(c.oid)), 0)::int8 AS bytes,
	COALESCE(sum(n.rows), 0)::int8 AS rows,
	count(*) FILTER (WHERE n.rows > 0) AS partitions,
	pg_database_size(current_database()) AS database_bytes
FROM (VALUES ('hot', 'sample'), ('hot', 'host_sample'), ('late', 'sample_late'),
	('late', 'host_sample_late'), ('segments', 'segment'), ('chunks', 'chunk'),
	('rollups', 'slot_rollup'), ('rollups', 'version_rollup')) s (stage, parent)
CROSS JOIN LATERAL (
	SELECT s.parent::regclass AS relid
	UNION
	SELECT relid FROM pg_partition_tree(s.parent::regclass)
) t
LEFT JOIN pg_class c ON c.oid = t.relid AND c.relkind = 'r'
-- After a crash the counted rows are forgotten, those of the last analysis are not.
LEFT JOIN LATERAL (
	SELECT GREATEST(pg_stat_get_live_tuples(c.oid), c.reltuples::int8, 0) AS rows
) n ON c.oid IS NOT NULL
GROUP BY stage
