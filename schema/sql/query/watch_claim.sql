-- Makes this transaction the only one that watches; false when another server does.
-- Its few large questions want memory to hash in, and no time spent on compiling.  For
-- the watch, at the start of a turn.  One row.
SELECT pg_try_advisory_xact_lock(7236829351) AS claimed,
	set_config('work_mem', '64MB', true), set_config('jit', 'off', true)
