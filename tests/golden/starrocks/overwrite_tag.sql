INSERT OVERWRITE `ab`.`tbl_report`
PARTITION (tag='chat-entry')
WITH LABEL ab_toy_0123456789abcdef
(`tag`, `event_date`, `user_id`, `n`, `share`)
SELECT `tag`, `event_date`, `user_id`, `n`, `share`
FROM (
-- Rows of a day.
SELECT %(tag)s AS tag, DATE %(day)s AS event_date, user_id, n %% 10 AS n, share
FROM ab.source
WHERE user_id LIKE 'u%%' AND active = TRUE AND seen_at < DATETIME %(until)s -- the end
) AS made
-- day = datetime.date(2026, 1, 2)
-- tag = 'chat-entry'
-- until = datetime.datetime(2026, 1, 3, 4, 5, 6, 789)
