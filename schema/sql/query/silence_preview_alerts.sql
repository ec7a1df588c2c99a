-- The alerts that globs service $1, host $2, version $3 and kind $4 mute, the newest first.
-- For GET /silences/preview.  By the index on (state, opened_at); at most 50 rows.
SELECT a.id FROM alert a
WHERE a.state IN ('open', 'acknowledged', 'archived') AND a.merged_into IS NULL
  AND finding_fits(a.finding_id, $1::text, $2::text, $3::text, $4::text)
ORDER BY a.opened_at DESC, a.id DESC
LIMIT 50
