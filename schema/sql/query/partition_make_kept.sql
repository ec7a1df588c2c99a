-- Makes the partitions that hold what readings of the time $1 become, where missing.  For
-- the compactor, ahead and before it writes.  One row.
SELECT partition_make('segment', day) AS segment, partition_make('chunk', day) AS chunk,
       partition_make('version_rollup_300', day) AS minutes,
       partition_make_month('slot_rollup', $1::timestamptz) AS slots,
       partition_make_month('version_rollup_3600', $1::timestamptz) AS versions
FROM (SELECT ($1::timestamptz AT TIME ZONE 'UTC')::date AS day) AS d
