-- A user.  For PUT /users/{id} and what is below it; held until the end of the transaction, as
-- all admins are, so that one is left.  By the primary key; at most one row.
WITH held AS MATERIALIZED (
	SELECT id FROM app_user WHERE role = 'admin' AND retired_at IS NULL FOR UPDATE
)
SELECT u.id, u.name, u.role, u.password_is_one_time, u.created_at, u.retired_at,
	to_json(u.services)::text AS services,
	(SELECT count(*) FROM held WHERE held.id <> u.id) AS other_admins
FROM app_user u
WHERE u.id = $1::int4
FOR UPDATE OF u
