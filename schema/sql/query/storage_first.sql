-- The begin of the first five minutes in [$1, $2) of which there are hot rows, or NULL.
-- For the compactor, to skip time of which nothing was read.  One row.
SELECT storage_first($1::timestamptz, $2::timestamptz) AS first
