INSERT OVERWRITE `ab`.`toy`
PARTITION (tag='chat-entry', event_date='2026-01-02')
WITH LABEL ab_toy_0123456789abcdef
(`tag`, `event_date`, `user_id`, `n`, `share`)
SELECT `tag`, `event_date`, `user_id`, `n`, `share`
FROM `ab`.`toy`
WHERE 1 = 0
