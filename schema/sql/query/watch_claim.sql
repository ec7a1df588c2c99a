-- Makes this connection the only one that watches, until it ends; false when another
-- one does.  Its few large questions want memory to hash in, and no time spent on
-- compiling.  `is_new`: it was not before this call, so that another one may have
-- written meanwhile.  For the watch, at the start of a turn.  One row.
SELECT held OR pg_try_advisory_lock(7236829351) AS claimed, NOT held AS is_new,
	set_config('work_mem', '64MB', true), set_config('jit', 'off', true)
FROM (
	SELECT EXISTS (SELECT FROM pg_locks
		WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
		  AND (classid::int8 << 32) + objid::int8 = 7236829351) AS held
) mine
