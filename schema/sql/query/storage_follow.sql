-- Gives the lead, lock $1, back.  For the compactor, when it stops.
SELECT pg_advisory_unlock($1::int8)
