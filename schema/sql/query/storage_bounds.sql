-- How far the stream of readings has come.  For the compactor, before each step.  One row.
SELECT closed_to, compacted_to, sealed_to FROM storage
