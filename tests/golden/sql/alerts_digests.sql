-- Reads:  ab.alert_messages
-- Writes: nothing
-- Grain:  one row: the parts of a day's digest
SELECT count(*) AS parts
FROM ab.alert_messages
WHERE kind = 'digest' AND event_date = :day
