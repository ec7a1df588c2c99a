-- Tells process lives of their newest sample.  $1 generations, $2 Unix ms.  For ingest,
-- each life about twice a minute; by primary key.
UPDATE generation g
SET last_sample_at = timestamptz 'epoch' + t.seen_ms * interval '1 ms'
FROM unnest($1::int4[], $2::int8[]) AS t (id, seen_ms)
WHERE g.id = t.id
  AND g.last_sample_at < timestamptz 'epoch' + t.seen_ms * interval '1 ms'
