-- The time by the clock that writes when an agent was seen.  For the watch.
SELECT now() AS now_at
