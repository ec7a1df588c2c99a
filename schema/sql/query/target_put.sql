-- Makes a target: name $1, kind $2, URL $3, services $4, events $5, enabled $6, by $7; mail to $8
-- from $9; user name $10, STARTTLS $11, at most $12 a minute.  No row when the name is taken or
-- there are 100.  For POST /targets; target_secret_put follows.
INSERT INTO target (name, kind, url, service, events, enabled, created_by, recipients, sender,
	username, starttls, a_minute)
SELECT $1::text, $2::text, $3::text, $4::text, $5::text[], $6::boolean, $7::text, $8::text,
	$9::text, $10::text, $11::boolean, $12::int4
WHERE (SELECT count(*) FROM target) < 100
ON CONFLICT (name) DO NOTHING
RETURNING id
