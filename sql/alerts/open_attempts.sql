-- Reads:  ab.alert_attempts
-- Writes: nothing
-- Grain:  message that is not finished × attempt × status
SELECT message_id, claim, status, channel, holds_channel, recorded_at, next_attempt_at, error
FROM ab.alert_attempts
WHERE message_id NOT IN (
  SELECT message_id FROM ab.alert_attempts WHERE status IN ('sent', 'mentioned')
)
