-- What was said of versions $1, of which processes run, still stands at $2.  For the
-- watch.  By the primary key; one row a version.
UPDATE version_verdict SET at = $2::timestamptz
WHERE fingerprint_id = ANY ($1::int4[]) AND at < $2::timestamptz
