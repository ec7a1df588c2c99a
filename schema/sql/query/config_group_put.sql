-- Makes a group: name $1, position $2, hosts $3, labels $4, its plan $5 to $11, by $12.  No row
-- when the name is taken or there are 100.  For POST /config/groups.
INSERT INTO config_group (name, position, host, labels, canary_hosts, part_pct, soak_s,
	automatic, silent_s, cpu_ppm, rss_bytes, created_by)
SELECT $1::text, $2::int4, $3::text, $4::jsonb, $5::int4, $6::int4, $7::int4, $8::boolean,
	$9::int4, $10::int4, $11::int8, $12::text
WHERE (SELECT count(*) FROM config_group) < 100
ON CONFLICT (name) DO NOTHING
RETURNING id
