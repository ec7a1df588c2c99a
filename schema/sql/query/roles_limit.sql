-- Limits this connection to the services of user $1, and of the token $2 he came with (NULL:
-- none).  For calls of users who are limited.  Matches the names of all services.
SELECT limit_to($1::int4, $2::text)
