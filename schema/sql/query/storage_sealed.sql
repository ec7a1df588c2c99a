-- Moves the bound of days that are in chunks on from $1 to $2.  For the compactor, when
-- nothing of the day is left in segments.
UPDATE storage SET sealed_to = $2::timestamptz
WHERE sealed_to = $1::timestamptz AND compacted_to >= $2::timestamptz
