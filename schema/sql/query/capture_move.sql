-- Moves capture $1 at $2: to state $3, until $4 (NULL: as it was), with progress $5, text
-- $6 and card $7 (NULL: as they were).  A card is joined by the server's own reasons.  By
-- the primary key; the row is locked already.
UPDATE capture
SET state = $3::text, deadline_at = COALESCE($4::timestamptz, deadline_at),
    changed_at = CASE WHEN state = $3::text THEN changed_at ELSE $2::timestamptz END,
    progress_permille = GREATEST(progress_permille, $5::int4),
    text = COALESCE($6::text, text),
    card = CASE
	WHEN $7::jsonb IS NULL THEN card
	WHEN asks = '' THEN $7::jsonb
	ELSE $7::jsonb || jsonb_build_object(
		'gate', CASE $7::jsonb->>'gate' WHEN 'allowed' THEN 'asks'
			ELSE $7::jsonb->>'gate' END,
		'reasons', $7::jsonb->'reasons' || to_jsonb(string_to_array(asks, E'\n')))
	END
WHERE id = $1::int8
