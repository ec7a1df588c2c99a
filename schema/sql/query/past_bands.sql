-- The spread of metric $3 over the instances of each version of service $2, in steps of $1
-- seconds in [$4, $5).  For GET /services/{id}/bands.  By the index on (service, metric, at)
-- of each day or month; a row for each version and step, at most $6.
SELECT v.at, v.fingerprint_id, v.n, v.low, v.high, v.sketch
FROM version_rollup v
WHERE v.step_s = $1::int4 AND v.service_id = $2::int4 AND v.metric = $3::int2
  AND v.at >= $4::timestamptz AND v.at < $5::timestamptz
LIMIT $6::int4
