-- Takes away what was sent or given up before $1.  Once an hour; some rows.
DELETE FROM message WHERE state <> 'waiting' AND made_at < $1::timestamptz
