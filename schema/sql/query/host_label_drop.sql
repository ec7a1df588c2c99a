-- Takes its labels from host $1.  For PUT /hosts/{id}/labels.  By the primary key.
DELETE FROM host_label WHERE host_id = $1::int4
