SELECT
  event_date AS day,
  concat(experiment_name, ' · ', variation_name) AS variation,
  max(users) AS users
FROM flow_report_app.tbl_report_trend
WHERE 1 = 1
  [[AND tag = {{tag}}]]
  [[AND module = {{module}}]]
  [[AND experiment_key = {{experiment}}]]
GROUP BY event_date, experiment_name, variation_name
ORDER BY day, variation
