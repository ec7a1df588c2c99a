-- Takes away the hours of the day $1 of seats $2.  For the compactor, in the transaction that
-- writes them anew.  By slot_rollup_key.
DELETE FROM slot_rollup WHERE at = $1::timestamptz AND slot_id = ANY ($2::int4[])
