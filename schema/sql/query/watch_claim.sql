-- Makes this transaction the only one that watches; false when another server does.
-- For the watch, at the start of a turn.  One row.
SELECT pg_try_advisory_xact_lock(7236829351) AS claimed
