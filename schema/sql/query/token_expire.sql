-- Takes away tokens that have been of no use since before $1.  For the watch, once an
-- hour.  A scan of the table, which is small.
DELETE FROM token WHERE least(expires_at, revoked_at) < $1::timestamptz
