SELECT count(*) AS n FROM `ab`.`toy` WHERE tag = 'chat-entry' AND event_date = '2026-01-02'
