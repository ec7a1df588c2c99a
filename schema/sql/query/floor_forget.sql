-- Takes away floors of bins before $1.  For the watch, once an hour.  By the BRIN index
-- on the bin.
DELETE FROM memory_floor WHERE bin < $1::int4
