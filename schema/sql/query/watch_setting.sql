-- How easily services alert, where people have said so.  For the watch, each turn.  A row
-- for each service that was ever set.
SELECT service_id, sensitivity FROM service_setting
