-- Forgets findings that never alerted and were last seen before $1.  For the watch, about
-- once an hour.  By the table, which holds a row for each cause there ever was.
DELETE FROM finding f
WHERE NOT f.active AND f.last_at < $1::timestamptz
  AND NOT EXISTS (SELECT FROM alert WHERE finding_id = f.id)
  AND NOT EXISTS (SELECT FROM capture WHERE finding_id = f.id)
