-- Gives token $1 the labels of keys $2 and values $3.  For POST /tokens and "token create".
-- At most as many rows as a host may have labels.
INSERT INTO token_label (token_id, key, value)
SELECT $1::text, l.key, l.value FROM unnest($2::text[], $3::text[]) AS l (key, value)
