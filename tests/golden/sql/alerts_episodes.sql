-- Reads:  ab.alert_messages
-- Writes: nothing
-- Grain:  message of the newest episode of each problem
WITH newest AS (
  SELECT subject, check_name, phase_index, max(episode) AS episode
  FROM ab.alert_messages
  WHERE kind <> 'digest'
  GROUP BY subject, check_name, phase_index
)
SELECT
  messages.message_id, messages.kind, messages.severity, messages.episode, messages.event_date,
  messages.title, messages.content, messages.ordinal, messages.created_at
FROM ab.alert_messages AS messages
JOIN newest
  ON messages.subject = newest.subject AND messages.check_name = newest.check_name
  AND messages.phase_index = newest.phase_index AND messages.episode = newest.episode
