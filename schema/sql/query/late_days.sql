-- UTC days before $1 of which late rows wait.  For the compactor, every few minutes.  By a
-- scan of the late tables, which hold what came since the last merge; a row for each day.
SELECT DISTINCT date_trunc('day', at, 'UTC') AS day
FROM (SELECT at FROM sample_late WHERE at < $1::timestamptz
      UNION ALL SELECT at FROM host_sample_late WHERE at < $1::timestamptz) AS late
ORDER BY day
