-- What agents have delivered.  $1: those seen since then report.  For the compactor, every
-- few seconds.  By a scan of `agent`; one row.
SELECT count(*) AS known,
       count(*) FILTER (WHERE last_seen_at >= $1::timestamptz
		AND last_sample_at IS NOT NULL) AS reporting,
       max(last_sample_at) AS newest,
       percentile_disc(0.1) WITHIN GROUP (ORDER BY last_sample_at)
	FILTER (WHERE last_seen_at >= $1::timestamptz AND last_sample_at IS NOT NULL)
	AS tenth
FROM agent WHERE revoked_at IS NULL
