-- Forgets seats $1.  For the watch.  By the primary key.
DELETE FROM slot_state WHERE slot_id = ANY ($1::int4[])
