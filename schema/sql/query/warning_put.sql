-- Counts a sign of trouble on host $1 of process life $2 (NULL: of none): $3 its kind, $4 who
-- saw it, $5 its fields, $6 its signature, at $7, $8 times.  For ingest.  The same words
-- again add to their row.  One row: whether it is new.
INSERT INTO warning AS w (host_id, generation_id, kind, source, fields, signature,
	first_at, last_at, count)
VALUES ($1::int4, $2::int4, $3::text, $4::text, $5::jsonb, $6::text, $7::timestamptz,
	$7::timestamptz, $8::int8)
ON CONFLICT (host_id, coalesce(generation_id, 0), signature) DO UPDATE
SET fields = CASE WHEN EXCLUDED.last_at >= w.last_at THEN EXCLUDED.fields ELSE w.fields END,
    first_at = least(w.first_at, EXCLUDED.first_at),
    last_at = greatest(w.last_at, EXCLUDED.last_at),
    count = least(w.count::numeric + EXCLUDED.count, 9223372036854775807)::int8
RETURNING xmax = 0 AS made
