-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing: what leaves the warehouse are counts and sums
-- Grain:  experiment × variation, compared units: how many had any event, each measure's sum and units
--         with some of it, and each covariate's sums of differences from the experiment's mean
WITH compared AS (
  SELECT *
  FROM {{ table | table }}
  WHERE tag = :tag
    AND event_date = :event_date
    AND is_known
    AND variations_seen = 1
),
shift AS (
  SELECT
    experiment_id,
    {% for covariate in covariates -%}
    avg(coalesce({{ covariate | identifier }}, 0)) AS {{ ('shift_' ~ loop.index0) | identifier }},
    {% endfor -%}
    count(*) AS units
  FROM compared
  GROUP BY experiment_id
)
SELECT
  compared.experiment_id AS experiment_id,
  compared.variation_key AS variation_key,
  {% for measure in measures -%}
  coalesce(sum(compared.{{ measure | identifier }}), 0) AS {{ ('sum_' ~ loop.index0) | identifier }},
  sum(CASE WHEN compared.{{ measure | identifier }} <> 0 THEN 1 ELSE 0 END) AS {{ ('some_' ~ loop.index0) | identifier }},
  {% endfor -%}
  {% for covariate in covariates -%}
  {% set place = loop.index0 -%}
  sum(coalesce(compared.{{ covariate | identifier }}, 0) - shift.{{ ('shift_' ~ place) | identifier }}) AS {{ ('centred_' ~ place) | identifier }},
  sum(
    (coalesce(compared.{{ covariate | identifier }}, 0) - shift.{{ ('shift_' ~ place) | identifier }})
    * (coalesce(compared.{{ covariate | identifier }}, 0) - shift.{{ ('shift_' ~ place) | identifier }})
  ) AS {{ ('square_' ~ place) | identifier }},
  max(shift.{{ ('shift_' ~ place) | identifier }}) AS {{ ('shift_' ~ place) | identifier }},
  {% endfor -%}
  {% if covariates -%}
  sum(CASE WHEN compared.events_before_exposure > 0 THEN 1 ELSE 0 END) AS with_past,
  {% endif -%}
  sum(CASE WHEN compared.events_after_exposure > 0 THEN 0 ELSE 1 END) AS silent,
  count(compared.events_after_exposure) AS counted,
  count(*) AS units
FROM compared
JOIN shift ON shift.experiment_id = compared.experiment_id
GROUP BY compared.experiment_id, compared.variation_key
