-- Adds the server's own reasons $2, one a line, to the card of capture $1, which had none
-- of them.  For POST /captures/{id}/confirm.  By the primary key; the row is locked
-- already.
UPDATE capture
SET asks = $2::text,
    card = card || jsonb_build_object(
	'gate', CASE card->>'gate' WHEN 'allowed' THEN 'asks' ELSE card->>'gate' END,
	'reasons', COALESCE(card->'reasons', '[]') || to_jsonb(string_to_array($2::text, E'\n')))
WHERE id = $1::int8
