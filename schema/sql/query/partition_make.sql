-- Makes the partitions that readings of the time $1 need, where missing: the hour of hot
-- rows, unless it is closed and they are late, and the day of queues.  For ingest, before a
-- round, once for each hour.  One row.
SELECT closed IS NOT TRUE AND partition_make_hour('sample', $1::timestamptz) AS sample,
       closed IS NOT TRUE AND partition_make_hour('host_sample', $1::timestamptz)
       AS host_sample,
       partition_make('queue_sample', ($1::timestamptz AT TIME ZONE 'UTC')::date)
       AS queue_sample
FROM (SELECT date_trunc('hour', $1::timestamptz, 'UTC') + interval '1 hour' <= closed_to
             AS closed
      FROM storage) AS s
