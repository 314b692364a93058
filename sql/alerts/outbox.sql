-- Reads:  ab.alert_messages, ab.alert_attempts
-- Writes: nothing
-- Grain:  message that is not finished
SELECT
  message_id, kind, severity, episode, event_date, title, content, ordinal, created_at
FROM ab.alert_messages
WHERE message_id NOT IN (
  SELECT message_id FROM ab.alert_attempts WHERE status IN ('sent', 'mentioned')
)
