DELETE FROM `ab`.`tbl_wide_user_retention_retention` WHERE event_date < %(before)s
