-- The same; no row when another one has it.
SELECT one FROM config_turn FOR UPDATE SKIP LOCKED
