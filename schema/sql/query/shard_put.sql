-- Finds or makes a shard.  $1 name, "" for one of its own; $2 connection string.  One row.
INSERT INTO shard (name, uri)
VALUES (coalesce(nullif($1::text, ''),
	'shard-' || (SELECT count(*) + 1 FROM shard)), $2::text)
ON CONFLICT (uri) DO UPDATE SET uri = excluded.uri
RETURNING id, name
