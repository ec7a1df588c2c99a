-- How many of the services present at $1 have which worst verdict.  For GET /fleet.  By one
-- look at each seat; at most one row per verdict.
WITH worst AS (
	SELECT DISTINCT ON (service_id) service_id, verdict
	FROM version_now($1::timestamptz)
	ORDER BY service_id, verdict_rank(verdict) DESC
)
SELECT COALESCE(w.verdict, 'learning') AS verdict, count(*) AS services
FROM services_present($1::timestamptz) s
LEFT JOIN worst w USING (service_id)
GROUP BY 1
