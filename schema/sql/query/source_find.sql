-- Makes the sources of host $1 that queues name and that have not told of themselves: $2
-- names, $3 kinds, $4 when, in Unix ms.  For ingest; by the host and name, no rows.
INSERT INTO source (host_id, name, kind, at, changed_at)
SELECT DISTINCT ON (t.name) $1::int4, t.name, t.kind,
	timestamptz 'epoch' + t.at_ms * interval '1 ms',
	timestamptz 'epoch' + t.at_ms * interval '1 ms'
FROM unnest($2::text[], $3::text[], $4::int8[]) AS t (name, kind, at_ms)
WHERE NOT EXISTS (SELECT FROM source s WHERE s.host_id = $1::int4 AND s.name = t.name)
ORDER BY t.name
ON CONFLICT DO NOTHING
