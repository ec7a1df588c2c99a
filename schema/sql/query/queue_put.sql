-- Makes the queues of host $1 that are new and writes what is said of the others: $2 sources,
-- $3 kinds, $4 names, $5 producers and $6 workers, one glob a line, $7 when, in Unix ms.
-- For ingest, after source_find; by the source and name.  A row each that is new.
WITH put AS (
	INSERT INTO queue AS q (source_id, kind, name, producers, workers, first_seen_at, last_at)
	SELECT DISTINCT ON (s.id, t.name) s.id, t.kind, t.name,
		string_to_array(t.producers, E'\n'), string_to_array(t.workers, E'\n'),
		timestamptz 'epoch' + t.at_ms * interval '1 ms',
		timestamptz 'epoch' + t.at_ms * interval '1 ms'
	FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int8[])
		AS t (source, kind, name, producers, workers, at_ms)
	JOIN source s ON s.host_id = $1::int4 AND s.name = t.source
	ORDER BY s.id, t.name, t.at_ms DESC
	ON CONFLICT (source_id, name) DO UPDATE
	SET kind = EXCLUDED.kind, producers = EXCLUDED.producers,
	    workers = EXCLUDED.workers, last_at = EXCLUDED.last_at
	WHERE EXCLUDED.last_at >= q.last_at
	RETURNING xmax = 0 AS made
)
SELECT made FROM put WHERE made
