-- The lowest memory in each ten minutes of processes $1 from bin $2[i] on and before
-- bin $3.  For the watch: the past of what it judges.  By the primary key; up to two
-- rows a process, with at most 1,008 values.
SELECT f.generation_id, f.is_private,
	array_agg(f.bin::int8 * 600000 + f.offset_ms ORDER BY f.bin) AS at_ms,
	array_agg(f.low_kb ORDER BY f.bin) AS low_kb
FROM unnest($1::int4[], $2::int4[]) AS l (generation_id, from_bin)
JOIN memory_floor f ON f.generation_id = l.generation_id
	AND f.bin >= l.from_bin AND f.bin < $3::int4
GROUP BY 1, 2
