-- Marks finding $1 as no longer active.  For the watch.  By the primary key; one row.
UPDATE finding SET active = false WHERE id = $1::int8 AND active
