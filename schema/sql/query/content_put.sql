-- Stores what a version consists of, but for its packages: $1 its hash, $2 to $9 the texts in
-- the order of the columns, $10 whether packages are cut, $11 environment, $12 remarks.
-- For ingest.  One row: its id; none: it is there already, packages and all.
INSERT INTO content (hash, app, app_version, git_head, build_id, image, runtime,
	runtime_version, source, is_cut, environment, remarks)
VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text,
	$9::text, $10::boolean, $11::text[], $12::text[])
ON CONFLICT (hash) DO NOTHING
RETURNING id
