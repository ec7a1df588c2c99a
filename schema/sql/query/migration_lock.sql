-- Waits until no other runner migrates; held until the connection ends.  One row.
SELECT pg_advisory_lock($1::int8)
