-- Keeps what service $1 has taught the detector, as of $2.  For the watch, together with
-- the service's seats.  By the primary key; one row.
INSERT INTO service_state (service_id, at, state)
VALUES ($1::int4, $2::timestamptz, $3::bytea)
ON CONFLICT (service_id) DO UPDATE SET at = excluded.at, state = excluded.state
