-- Writes what hosts say of themselves.  $1 hosts, each once, $2 names, $3 kernels,
-- $4 cpus, $5 intervals.  For ingest, when it changes; by primary key.
UPDATE host h
SET name = t.name, kernel = t.kernel, cpus = t.cpus, interval_ms = t.interval_ms
FROM unnest($1::int4[], $2::text[], $3::text[], $4::int4[], $5::int4[])
     AS t (id, name, kernel, cpus, interval_ms)
WHERE h.id = t.id
  AND (h.name, h.kernel, h.cpus, h.interval_ms) IS DISTINCT FROM
      (t.name, t.kernel, t.cpus, t.interval_ms)
