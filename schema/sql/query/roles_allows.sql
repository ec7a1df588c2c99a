-- Whether what glob $1 fits, now and ever, is within the limit of this connection.  For silences
-- of users who are limited to services.  One row.
SELECT COALESCE(limit_allows($1::text), false) AS allowed
