-- When the count of out-of-memory kills around processes $1 first had each of its values
-- in [$2, $3).  For the marks of GET /series.  By the BRIN index on the time; at most
-- 2,000 rows.
SELECT generation_id, cgroup_oom_kills AS kills, min(at) AS at
FROM sample
WHERE at >= $2::timestamptz AND at < $3::timestamptz
  AND generation_id = ANY ($1::int4[]) AND cgroup_oom_kills IS NOT NULL
GROUP BY generation_id, cgroup_oom_kills
ORDER BY generation_id, cgroup_oom_kills
LIMIT 2000
