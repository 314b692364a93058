-- Reads:  ab.experiment_health, the partition of the newest day
-- Writes: flow_report_app.tbl_experiment_health, one partition (tag)
-- Grain:  experiment × check (× dimension value)
SELECT {{ columns | identifiers }}
FROM ab.experiment_health
WHERE tag = :tag AND event_date = :event_date
