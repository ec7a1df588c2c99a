-- What is older than this is stored among the late readings.  For the watch, each turn.  One
-- row.
SELECT closed_to FROM storage
