-- Reads:  a table of flow_report_app, all tags or one
-- Writes: nothing
-- Grain:  that of the table
SELECT `tag`, `status`
FROM `flow_report_app`.`tbl_experiment_health`
WHERE tag = :tag
