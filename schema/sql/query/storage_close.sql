-- Moves the bound of what is closed on to $1.  For the compactor, under the lock, once for
-- each five minutes; the first time it looks for the oldest reading.
SELECT storage_close($1::timestamptz)
