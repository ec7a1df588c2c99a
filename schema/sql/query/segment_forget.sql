-- Takes away the segments of service $1 and block $2 in [$3, $4).  For the compactor, in the
-- transaction that writes their chunks.  By segment_key.
DELETE FROM segment
WHERE service_id = $1::int4 AND block = $2::int4
  AND at >= $3::timestamptz AND at < $4::timestamptz
