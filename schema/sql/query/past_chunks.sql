-- Chunks of metrics $2 of subjects $1 of the days in [$3, $4).  For history_read.  By the
-- unique index on (subject, metric, at) of each day; a row for each subject, metric and day.
SELECT c.at, c.subject, c.metric, c.data || c.rest AS data
FROM chunk c
WHERE c.subject = ANY ($1::int4[]) AND c.metric = ANY ($2::int2[])
  AND c.at >= $3::timestamptz AND c.at < $4::timestamptz
