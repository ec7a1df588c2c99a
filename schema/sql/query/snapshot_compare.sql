-- The classes of snapshots $1 (before) and $2 (after) side by side, the largest difference
-- first: at most $3 rows, and how many there are in all.  A class that one side does not
-- have is zero there, or as small as those that were cut off; retained sizes differ only
-- where both sides computed them.  For GET /snapshots/{id}/compare.  By the primary key;
-- reads twice SNAPSHOT_CLASSES_MAX rows.
WITH kinds AS (
	SELECT (SELECT kind FROM snapshot WHERE id = $1::int8) = 'v8'
	   AND (SELECT kind FROM snapshot WHERE id = $2::int8) = 'v8' AS exact
), both_sides AS (
	SELECT COALESCE(b.name, a.name) AS name, COALESCE(b.location, a.location) AS location,
		b.name IS NOT NULL AS has_before, b.count AS before_count,
		b.shallow_bytes AS before_shallow, b.retained_bytes AS before_retained,
		a.name IS NOT NULL AS has_after, a.count AS after_count,
		a.shallow_bytes AS after_shallow, a.retained_bytes AS after_retained
	FROM (SELECT * FROM snapshot_class WHERE snapshot_id = $1::int8) b
	FULL JOIN (SELECT * FROM snapshot_class WHERE snapshot_id = $2::int8) a
		USING (name, location)
), deltas AS (
	SELECT t.*,
		COALESCE(after_count, 0) - COALESCE(before_count, 0) AS count_delta,
		COALESCE(after_shallow, 0) - COALESCE(before_shallow, 0) AS shallow_delta,
		CASE WHEN exact THEN COALESCE(after_retained, 0) - COALESCE(before_retained, 0)
		END AS retained_delta
	FROM both_sides t CROSS JOIN kinds
)
SELECT *, count(*) OVER () AS total FROM deltas
ORDER BY abs(COALESCE(retained_delta, shallow_delta)) DESC, abs(shallow_delta) DESC,
	abs(count_delta) DESC, name, location
LIMIT $3::int4
