-- Reads:  ab.tbl_report_user_<module>_<tag>, the partition of the newest day
-- Writes: flow_report_app.tbl_report_ab_testing_result, one partition (tag)
-- Grain:  experiment × metric × dimension value × variation
SELECT {{ columns | identifiers }}
FROM {{ report | table }}
WHERE tag = :tag AND event_date = :event_date
