-- Reads:  ab.growthbook_pulls
-- Writes: nothing
-- Grain:  at most one row: the newest pull
SELECT pulled_at, source, contents
FROM ab.growthbook_pulls
ORDER BY pulled_at DESC
LIMIT 1
