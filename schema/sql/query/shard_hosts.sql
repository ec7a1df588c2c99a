-- How many hosts of slots $1 to $2 have readings.  For `shard add`.  One row.
SELECT count(*) AS hosts
FROM agent WHERE last_sample_at IS NOT NULL AND host_id % 256 BETWEEN $1::int4 AND $2::int4
