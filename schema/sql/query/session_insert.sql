-- Starts a session, and forgets those that are over.  For POST /session.
WITH swept AS (
	DELETE FROM session
	WHERE created_at <= $4::timestamptz OR last_used_at <= $5::timestamptz
)
INSERT INTO session (token_hash, user_id, created_at, last_used_at, address, program)
VALUES ($1::bytea, $2::int4, $3::timestamptz, $3::timestamptz, $6::text, $7::text)
