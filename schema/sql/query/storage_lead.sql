-- Takes the lead in moving readings on, lock $1, unless another session has it.  A session
-- that has it is asked for nothing.  For the compactor, every few seconds.  One row.
SELECT EXISTS (
	SELECT FROM pg_locks
	WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND mode = 'ExclusiveLock'
	  AND (classid::int8 << 32 | objid::int8) = $1::int8 AND objsubid = 1
	  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
) OR pg_try_advisory_lock($1::int8) AS leads
