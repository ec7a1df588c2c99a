-- Orders capture $1 at $2 until $3: confirmed by user $4 (NULL: a policy), $5 overrules,
-- $6 keeps the raw file.  By the primary key; the row is locked already.
UPDATE capture
SET state = 'ordered', changed_at = $2::timestamptz, deadline_at = $3::timestamptz,
    ordered_at = $2::timestamptz, confirmed_by = $4::int4, overrules = $5::boolean,
    keep_raw = $6::boolean, text = ''
WHERE id = $1::int8
