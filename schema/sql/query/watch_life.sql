-- Process lives read after $1, in the order in which they began: the newest one of each seat,
-- and of seats with a life of an id above $2, which may be new to who asks, all.  For the
-- watch, each turn: those that run, and all of the last weeks when it starts ($2: 0).  Seats
-- by their table, generations by their key and their slot; a row a life.
SELECT s.life_id AS id, s.id AS slot_id, s.service_id, s.host_id,
	s.life_fingerprint_id AS fingerprint_id, s.life_started_at AS started_at,
	s.life_sample_at AS last_sample_at
FROM slot s
WHERE s.life_sample_at > $1::timestamptz
UNION ALL
SELECT g.id, g.slot_id, s.service_id, g.host_id, g.fingerprint_id, g.started_at,
	g.last_sample_at
FROM slot s
JOIN generation g ON g.slot_id = s.id AND g.id <> s.life_id
WHERE s.id IN (SELECT slot_id FROM generation WHERE id > $2::int4)
  AND g.last_sample_at > $1::timestamptz
ORDER BY started_at, id
