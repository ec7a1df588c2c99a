-- Drops the partitions that lie wholly before the UTC day of $1.  One row.
SELECT partition_drop_before('sample', ($1::timestamptz AT TIME ZONE 'UTC')::date)
     + partition_drop_before('host_sample', ($1::timestamptz AT TIME ZONE 'UTC')::date)
       AS dropped
