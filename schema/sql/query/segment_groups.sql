-- Which services and blocks have segments in [$1, $2), and of how many five minutes.  For
-- the compactor, when it seals a day.  By a scan of the day's segments; a row for each.
SELECT service_id, block, count(*) AS windows
FROM segment
WHERE at >= $1::timestamptz AND at < $2::timestamptz AND metric = -1
GROUP BY service_id, block ORDER BY service_id, block
