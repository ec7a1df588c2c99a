-- Moves the bound of what is in segments on from $1 to $2.  For the compactor, in the
-- transaction that writes them.
UPDATE storage SET compacted_to = $2::timestamptz
WHERE compacted_to = $1::timestamptz AND closed_to >= $2::timestamptz
