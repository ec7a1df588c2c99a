-- How many readings chunks of the days from $2 on hold: counted in $1 per cent of them, at
-- most 5,000.  docs/storage.md has the bytes: after version and kind comes the number of
-- rows, seven bits each.  One row.  For GET /storage, at most twice a minute.
SELECT count(*) AS chunks, COALESCE(sum(CASE
		WHEN metric < 0 THEN 0
		WHEN get_byte(head, 2) < 128 THEN get_byte(head, 2)
		WHEN get_byte(head, 3) < 128 THEN get_byte(head, 2) - 128 + get_byte(head, 3) * 128
		ELSE get_byte(head, 2) - 128 + (get_byte(head, 3) - 128) * 128
			+ (get_byte(head, 4) & 127) * 16384
	END), 0)::int8 AS readings
FROM (
	SELECT metric, substring(CASE WHEN length(data) > 0 THEN data ELSE rest END
		FROM 1 FOR 5) AS head
	FROM chunk TABLESAMPLE SYSTEM ($1::float8)
	WHERE at >= $2::timestamptz
	LIMIT 5000
) s
