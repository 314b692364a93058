-- Metrics with a window count fewer users: the most a metric of the variation counts are those exposed.
SELECT
  experiment_name AS experiment,
  variation_name AS variation,
  max(weight) AS weight,
  max(users) AS users,
  max(crossover_users) AS crossovers,
  max(srm_p_value) AS srm_p_value,
  max(trust) AS trust
FROM flow_report_app.tbl_report_ab_testing_result
WHERE dimension = ''
  [[AND tag = {{tag}}]]
  [[AND module = {{module}}]]
  [[AND experiment_key = {{experiment}}]]
GROUP BY tag, experiment_id, experiment_name, variation_key, variation_name
ORDER BY experiment, variation
