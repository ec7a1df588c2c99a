-- What all hosts of group $1 run is $2 (NULL: their own files).  By the primary key.
UPDATE config_group SET good_id = $2::int8
WHERE id = $1::int4
