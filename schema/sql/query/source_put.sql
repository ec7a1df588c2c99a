-- Notes how the sources of host $1 do: $2 names, $3 kinds, $4 whether they work, $5 what is
-- wrong, $6 how long each took, $7 when, in Unix ms.  For ingest; by the host and name.  An
-- older word changes nothing.  A row each that is new.
WITH put AS (
	INSERT INTO source AS s (host_id, name, kind, works, text, took_us, at, changed_at)
	SELECT DISTINCT ON (t.name) $1::int4, t.name, t.kind, t.works, t.text, t.took_us,
		timestamptz 'epoch' + t.at_ms * interval '1 ms',
		timestamptz 'epoch' + t.at_ms * interval '1 ms'
	FROM unnest($2::text[], $3::text[], $4::int4[]::boolean[], $5::text[], $6::int8[],
		$7::int8[]) WITH ORDINALITY AS t (name, kind, works, text, took_us, at_ms, n)
	ORDER BY t.name, t.at_ms DESC, t.n DESC
	ON CONFLICT (host_id, name) DO UPDATE
	SET kind = EXCLUDED.kind, works = EXCLUDED.works, text = EXCLUDED.text,
	    took_us = EXCLUDED.took_us, at = EXCLUDED.at,
	    changed_at = CASE WHEN (s.works, s.text) = (EXCLUDED.works, EXCLUDED.text)
		THEN s.changed_at ELSE EXCLUDED.at END
	WHERE EXCLUDED.at >= s.at
	RETURNING xmax = 0 AS made
)
SELECT made FROM put WHERE made
