-- Brings revision $1 from any of the states $2 into $3 at $4: to stage $5 (NULL: as it is) and
-- for the reason $6.  By the primary key; no row when it is in another state.
UPDATE config_revision SET state = $3::text, reason = $6::text,
	started_at = COALESCE(started_at, CASE WHEN $3 = 'rolling' THEN $4::timestamptz END),
	ended_at = CASE WHEN $3 IN ('rolling', 'paused', 'waiting') THEN NULL ELSE $4::timestamptz END,
	stage = COALESCE($5::int2, stage),
	stage_at = CASE WHEN $5::int2 IS NULL THEN stage_at ELSE $4::timestamptz END,
	settled_at = CASE WHEN $5::int2 IS NULL THEN settled_at END
WHERE id = $1::int8 AND state = ANY ($2::text[])
RETURNING id, group_id
