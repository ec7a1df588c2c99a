-- Adds a row: $1 user, $2 actor, $3 action, $4 service, $5 host, $6 subject, $7 detail.
INSERT INTO audit (user_id, actor, action, service_id, host_id, subject, detail)
VALUES ($1::int4, $2::text, $3::text, $4::int4, $5::int4, $6::text, $7::text)
