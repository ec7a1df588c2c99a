-- Gives user $1 the role $2.  For PUT /users/{id}.  By the primary key; at most one row.
UPDATE app_user SET role = $2::text WHERE id = $1::int4
