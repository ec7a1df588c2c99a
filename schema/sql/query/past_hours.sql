-- The hours of seats $1 and metric $2 of the days in [$3, $4), with the one array of them
-- that is asked for.  For chart_read.  By the unique index on (slot, metric, at) of each
-- month; a row for each seat and day.
SELECT s.at, s.slot_id, s.n /* (columns) */
FROM slot_rollup s
WHERE s.slot_id = ANY ($1::int4[]) AND s.metric = $2::int2
  AND s.at >= $3::timestamptz AND s.at < $4::timestamptz
