-- Takes away what was made before $1 and is over.  Once an hour; some rows.
DELETE FROM message WHERE state NOT IN ('waiting', 'muted') AND made_at < $1::timestamptz
