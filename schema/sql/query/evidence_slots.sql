-- Notes that seats $2 were seen to leak in finding $1 at $3, with rates $4 (text, NULL:
-- not known).  For the watch.  By the primary key; one row a seat.
INSERT INTO finding_slot (finding_id, slot_id, first_at, last_at, rate_kb_h)
SELECT $1::int8, s.slot_id, $3::timestamptz, $3::timestamptz, s.rate::float8
FROM unnest($2::int4[], $4::text[]) AS s (slot_id, rate)
ON CONFLICT (finding_id, slot_id) DO UPDATE SET last_at = excluded.last_at,
	rate_kb_h = excluded.rate_kb_h
