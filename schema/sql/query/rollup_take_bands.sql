-- Takes away, and tells, the steps of $1 seconds of service $2 in [$3, $4).  For the
-- compactor, which adds a block of hosts and writes them again.  By version_rollup_key; a
-- row for each step, version and metric.
DELETE FROM version_rollup
WHERE step_s = $1::int4 AND service_id = $2::int4
  AND at >= $3::timestamptz AND at < $4::timestamptz
RETURNING at, fingerprint_id, metric, n, sum, low, high, sketch
