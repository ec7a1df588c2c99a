-- Segments of metrics $3 of the blocks $2[i] of services $1[i] (0: of the hosts themselves)
-- in [$4, $5).  For history_read.  By the index on (service, block, metric, at); a row for
-- each block, metric and five minutes of at most two days.
SELECT s.at, s.service_id, s.block, s.metric, s.data
FROM unnest($1::int4[], $2::int4[]) AS b (service_id, block)
CROSS JOIN LATERAL (
	SELECT p.at, p.service_id, p.block, p.metric, p.data
	FROM segment p
	WHERE p.service_id = b.service_id AND p.block = b.block
	  AND p.metric = ANY ($3::int2[])
	  AND p.at >= $4::timestamptz AND p.at < $5::timestamptz
	OFFSET 0 -- no other join: the tables may have grown since this was planned
) s
