-- How far the stream of readings has come.  For everything that reads past readings, before
-- it reads them.  One row.
SELECT compacted_to, sealed_to FROM storage
