-- Makes a target: name $1, kind $2, URL $3, services $4, events $5, enabled $6, by $7.  No row
-- when the name is taken or there are 100.  For POST /targets.
INSERT INTO target (name, kind, url, service, events, enabled, created_by)
SELECT $1::text, $2::text, $3::text, $4::text, $5::text[], $6::boolean, $7::text
WHERE (SELECT count(*) FROM target) < 100
ON CONFLICT (name) DO NOTHING
RETURNING id
