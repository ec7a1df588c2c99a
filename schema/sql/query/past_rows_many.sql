-- As past_rows, of so many processes $1 that looking for each costs more than reading all:
-- readings that are not in segments: hot ones in [$2, $4), late ones in
-- [$3, $4), with the columns of metrics that are asked for.  For history_read.  By the BRIN
-- index on the time and by the late table's index; as many rows as readings, which
-- history_read bounds.
SELECT s.generation_id AS subject, s.at, false AS late /* (columns) */
FROM sample s
WHERE s.at >= $2::timestamptz AND s.at < $4::timestamptz
  AND (+ s.generation_id) = ANY ($1::int4[])
UNION ALL
SELECT s.generation_id, s.at, true /* (columns) */
FROM sample_late s
WHERE s.at >= $3::timestamptz AND s.at < $4::timestamptz
  AND s.generation_id = ANY ($1::int4[])
