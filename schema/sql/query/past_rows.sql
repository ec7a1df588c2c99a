-- Readings of few processes $1 that are not in segments: hot ones in [$2, $4), late ones in
-- [$3, $4), with the columns of metrics that are asked for.  For history_read.  By the BRIN
-- index on time and process, once for each (of an array the planner, which knows nothing of
-- hot rows, would only ask the time), and by the late table's index; as many rows as
-- readings, which history_read bounds.
SELECT h.*
FROM unnest($1::int4[]) AS u (id)
CROSS JOIN LATERAL (
	SELECT s.generation_id AS subject, s.at, false AS late /* (columns) */
	FROM sample s
	WHERE s.at >= $2::timestamptz AND s.at < $4::timestamptz AND s.generation_id = u.id
	OFFSET 0
) h
UNION ALL
SELECT s.generation_id, s.at, true /* (columns) */
FROM sample_late s
WHERE s.at >= $3::timestamptz AND s.at < $4::timestamptz
  AND s.generation_id = ANY ($1::int4[])
