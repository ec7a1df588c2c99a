-- The newest memory readings of hosts $1, read at or after $2.  For GET /agents.  By the
-- BRIN index on the time, in the partitions of the last minutes; at most one row a host.
SELECT DISTINCT ON (host_id) host_id, mem_total_kb, mem_available_kb
FROM host_sample
WHERE at >= $2::timestamptz AND host_id = ANY ($1::int4[])
ORDER BY host_id, at DESC
