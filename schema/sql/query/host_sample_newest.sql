-- The newest memory readings of hosts $1, read at or after $2; among the readings that came
-- late, at or after $3.  For GET /agents.  By the BRIN index on the time, in the partitions
-- of the last minutes, and by the late readings' (host_id, at); at most one row a host.
SELECT DISTINCT ON (host_id) host_id, mem_total_kb, mem_available_kb
FROM (
	SELECT host_id, at, mem_total_kb, mem_available_kb FROM host_sample
	WHERE at >= $2::timestamptz AND host_id = ANY ($1::int4[])
	UNION ALL
	SELECT host_id, at, mem_total_kb, mem_available_kb FROM host_sample_late
	WHERE at >= $3::timestamptz AND host_id = ANY ($1::int4[])
) s
ORDER BY host_id, at DESC
