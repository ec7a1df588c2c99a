-- The alerts of $2 of which target $1 was told already.  For the messenger.  By the primary
-- key; as many rows as $2.
SELECT alert_id FROM target_alert WHERE target_id = $1::int4 AND alert_id = ANY ($2::int8[])
