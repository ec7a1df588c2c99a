-- Which metrics the segments of service $1 and block $2 in [$3, $4) have.  For the compactor,
-- when it seals them.  By segment_key; a row for each.
SELECT DISTINCT metric FROM segment
WHERE service_id = $1::int4 AND block = $2::int4 AND metric >= 0
  AND at >= $3::timestamptz AND at < $4::timestamptz
ORDER BY metric
