-- Whether this transaction may move readings on: takes lock $1, unless another session has
-- it.  For the compactor, first in each step.  One row.
SELECT pg_try_advisory_xact_lock($1::int8) AS leads
