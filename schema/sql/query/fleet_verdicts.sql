-- How many services have which worst verdict, among those seen within a day of $1.  For
-- GET /fleet.  At most one row per verdict.
WITH seen AS (
	SELECT DISTINCT service_id FROM slot_now
	WHERE read_at > $1::timestamptz - interval '1 day'
), worst AS (
	SELECT DISTINCT ON (service_id) service_id, verdict
	FROM version_now
	ORDER BY service_id, verdict_rank(verdict) DESC
)
SELECT COALESCE(w.verdict, 'learning') AS verdict, count(*) AS services
FROM seen s
LEFT JOIN worst w USING (service_id)
GROUP BY 1
