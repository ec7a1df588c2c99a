-- Keeps other people and policies from asking for and confirming captures until the end
-- of the transaction: what one of them sees of the others then holds.
SELECT pg_advisory_xact_lock(hashtext('capture'))
