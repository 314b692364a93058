-- Reads:  ab.alert_attempts
-- Writes: nothing
-- Grain:  attempt × status of one message
SELECT message_id, claim, status, channel, holds_channel, recorded_at, next_attempt_at, error
FROM ab.alert_attempts
WHERE message_id = :message_id
