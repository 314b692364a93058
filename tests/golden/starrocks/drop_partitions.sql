SELECT count(*) AS n FROM `ab`.`toy` WHERE event_date < %(before)s AND tag = %(tag)s;
DELETE FROM `ab`.`toy` WHERE event_date < %(before)s AND tag = %(tag)s
-- before = '2026-01-02'
-- tag = 'chat-entry'
