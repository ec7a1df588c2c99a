-- Keeps what the detector remembers of seats $1, as of $2 (Unix ms): $3, as text of
-- bytes.  For the watch, each seat about once an hour.  By the primary key; one row a
-- seat.
INSERT INTO slot_state (slot_id, at, state)
SELECT slot_id, timestamptz 'epoch' + at_ms * interval '1 ms', state::bytea
FROM unnest($1::int4[], $2::int8[], $3::text[]) AS t (slot_id, at_ms, state)
ON CONFLICT (slot_id) DO UPDATE SET at = excluded.at, state = excluded.state
