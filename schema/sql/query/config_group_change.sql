-- Changes group $13 to $1 to $11 as in config_group_put ($12 has no meaning), when its revision
-- is $14 (0: any).  For PUT /config/groups/{id}.  By the primary key.
UPDATE config_group SET name = $1::text, position = $2::int4, host = $3::text,
	labels = $4::jsonb, canary_hosts = $5::int4, part_pct = $6::int4, soak_s = $7::int4,
	automatic = $8::boolean, silent_s = $9::int4, cpu_ppm = $10::int4, rss_bytes = $11::int8,
	revision = revision + 1
WHERE id = $13::int4 AND ($14::int4 = 0 OR revision = $14::int4) AND $12::text <> ''
RETURNING id
