-- Makes the partitions of one UTC day, where missing.  $1: a time on that day; one row.
SELECT partition_make('sample', ($1::timestamptz AT TIME ZONE 'UTC')::date) AS sample,
       partition_make('host_sample', ($1::timestamptz AT TIME ZONE 'UTC')::date)
       AS host_sample,
       partition_make('queue_sample', ($1::timestamptz AT TIME ZONE 'UTC')::date)
       AS queue_sample
