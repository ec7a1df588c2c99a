-- Memory of each machine read from $1 on and before $2.  For the watch: what a process
-- without a limit of its own runs against.  By the BRIN index on the time; one row a
-- host.
SELECT host_id, max(mem_total_kb) AS mem_total_kb
FROM host_sample
WHERE at >= $1::timestamptz AND at < $2::timestamptz AND mem_total_kb > 0
GROUP BY host_id
