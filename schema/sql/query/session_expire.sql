-- Takes away sessions that were last used before $1 or begun before $2.  For the watch,
-- once an hour.  A scan of the table, which holds the logins of some days.
DELETE FROM session
WHERE last_used_at < $1::timestamptz OR created_at < $2::timestamptz
