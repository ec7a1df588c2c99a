-- Stores readings of the queues of host $1, which are there: $2 sources, $3 names, $4 when, in
-- Unix ms, $5 to $15 the values, in the order of metric.def.  For ingest, after queue_put;
-- no rows.
INSERT INTO queue_sample (queue_id, at, depth, waiting, active, delayed, failed, entered,
	completed, failures, oldest_ms, overdue, workers)
SELECT q.id, timestamptz 'epoch' + t.at_ms * interval '1 ms', t.depth, t.waiting, t.active,
	t.delayed, t.failed, t.entered, t.completed, t.failures, t.oldest_ms, t.overdue, t.workers
FROM unnest($2::text[], $3::text[], $4::int8[], $5::int8[], $6::int8[], $7::int8[], $8::int8[],
	$9::int8[], $10::int8[], $11::int8[], $12::int8[], $13::int8[], $14::int8[], $15::int4[])
	AS t (source, name, at_ms, depth, waiting, active, delayed, failed, entered, completed,
		failures, oldest_ms, overdue, workers)
JOIN source s ON s.host_id = $1::int4 AND s.name = t.source
JOIN queue q ON q.source_id = s.id AND q.name = t.name
