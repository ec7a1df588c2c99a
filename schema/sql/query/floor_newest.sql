-- The newest bin that is filled, looked for from bin $2 on first, and the bin in which the
-- oldest process read since $1 began; NULL where there is none.  For the watch, when it
-- starts.  By the BRIN index on the bin and the index on generation.last_sample_at.
SELECT COALESCE((SELECT max(bin) FROM memory_floor WHERE bin >= $2::int4),
		(SELECT max(bin) FROM memory_floor)) AS newest_bin,
	(SELECT (date_part('epoch', greatest(min(started_at), $1::timestamptz)) / 600)::int4
		FROM generation WHERE last_sample_at > $1::timestamptz) AS oldest_bin
