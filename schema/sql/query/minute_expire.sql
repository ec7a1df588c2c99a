-- Drops what is told of minutes before $1.  Once an hour; by primary key.
DELETE FROM ingest_minute WHERE at < $1::timestamptz
