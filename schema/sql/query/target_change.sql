-- Changes target $14 to what target_put takes as $1 to $12, when its revision is $15 (0: any);
-- $13 is the password (NULL: as it was).  For PUT /targets/{id}.  By the primary key.
WITH changed AS (
	UPDATE target SET name = $1::text, kind = $2::text, url = $3::text, service = $4::text,
		events = $5::text[], enabled = $6::boolean, recipients = $8::text, sender = $9::text,
		username = $10::text, starttls = $11::boolean, a_minute = $12::int4,
		revision = revision + 1
	WHERE id = $14::int4 AND ($15::int4 = 0 OR revision = $15::int4) AND $7::text <> ''
	RETURNING id
), secret AS (
	UPDATE target_secret p SET password = $13::text FROM changed c
	WHERE p.target_id = c.id AND $13::text IS NOT NULL
), woken AS (
	UPDATE target_state s SET next_at = '-infinity', failures = 0 FROM changed c
	WHERE s.target_id = c.id
)
SELECT id FROM changed
