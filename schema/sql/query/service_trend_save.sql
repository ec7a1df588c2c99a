-- Keeps the resident memory of services $1 over the last hours, from $2 on in steps of $3 ms:
-- $4, arrays as text.  For the watch, about twice a minute; GET /services shows it.  By the
-- primary key; a row a service.
INSERT INTO service_trend (service_id, from_at, step_ms, rss_kb)
SELECT service_id, $2::timestamptz, $3::int8, rss_kb::int8[]
FROM unnest($1::int4[], $4::text[]) AS t (service_id, rss_kb)
ON CONFLICT (service_id) DO UPDATE SET from_at = excluded.from_at,
	step_ms = excluded.step_ms, rss_kb = excluded.rss_kb
