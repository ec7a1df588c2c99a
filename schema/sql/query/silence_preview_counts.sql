-- How many instances, with their hosts and services, run at $4 that globs service $1, host
-- $2 and version $3 fit.  For GET /silences/preview.  By one look at the newest process of
-- each seat; one row.
SELECT count(*) AS instances, count(DISTINCT n.host_id) AS hosts,
	count(DISTINCT n.service_id) AS services
FROM slot_now n
JOIN service v ON v.id = n.service_id
WHERE slot_runs(n.read_at, n.interval_ms, $4::timestamptz)
  AND ($1::text = '' OR v.name LIKE name_pattern($1::text))
  AND ($2::text = '' OR n.host LIKE name_pattern($2::text))
  AND ($3::text = '' OR n.fingerprint_id IN (
	SELECT id FROM version_label p WHERE p.version LIKE name_pattern($3::text)
		OR p.label LIKE name_pattern($3::text)))
