-- Changes target $8 to name $1, URL $3, services $4, events $5, enabled $6, when its revision
-- is $9 (0: any); $2 and $7 as in target_put.  For PUT /targets/{id}.  By the primary key.
UPDATE target SET name = $1::text, kind = $2::text, url = $3::text, service = $4::text,
	events = $5::text[], enabled = $6::boolean, revision = revision + 1
WHERE id = $8::int4 AND ($9::int4 = 0 OR revision = $9::int4) AND $7::text <> ''
RETURNING id
