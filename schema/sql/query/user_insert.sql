-- Makes a user; no row when the name is taken.  For POST /users and "user add".
INSERT INTO app_user (name, password_hash, password_is_one_time, role, services)
VALUES ($1::text, $2::text, $3::boolean, $4::text, $5::text[])
ON CONFLICT (name) DO NOTHING
RETURNING id
