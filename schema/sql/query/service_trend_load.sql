-- The resident memory of services as it was written last.  For the watch, when it starts.
-- By the table, a row a service.
SELECT service_id, from_at, step_ms, rss_kb FROM service_trend
