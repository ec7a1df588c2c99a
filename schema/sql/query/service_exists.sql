-- Whether there is a service of this id.  For what hangs on one: GET /services/{id}/….
-- By primary key; one row.
SELECT EXISTS (SELECT FROM service WHERE id = $1::int4) AS exists
