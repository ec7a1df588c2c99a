-- The seats inside finding $1.  For POST /alerts/{id}/split.  By the primary key; a row a
-- seat.
SELECT slot_id FROM finding_slot WHERE finding_id = $1::int8 ORDER BY slot_id
