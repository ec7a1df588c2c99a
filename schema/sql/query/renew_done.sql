-- Target $1 was told at $4 that alerts $2 are open and $3 are not; when that was not taken, $5
-- says why.  What ended is told for a quarter of an hour, in case it is missed.  For the
-- messenger.  By primary keys.
WITH open_one AS (
	INSERT INTO target_alert (target_id, alert_id)
	SELECT $1::int4, o.id FROM unnest($2::int8[]) AS o (id)
	WHERE EXISTS (SELECT FROM target WHERE target.id = $1::int4)
	  AND EXISTS (SELECT FROM alert WHERE alert.id = o.id)
	ON CONFLICT (target_id, alert_id) DO UPDATE SET ended_at = NULL
), ended AS (
	UPDATE target_alert SET ended_at = $4::timestamptz
	WHERE target_id = $1::int4 AND alert_id = ANY ($3::int8[]) AND ended_at IS NULL
), gone AS (
	DELETE FROM target_alert WHERE target_id = $1::int4 AND alert_id = ANY ($3::int8[])
		AND ended_at < $4::timestamptz - interval '15 minutes'
)
UPDATE target_state SET problem = $5::text WHERE target_id = $1::int4
