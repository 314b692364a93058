-- Reads:  ab.tbl_wide_user_<module>_<tag>, one partition
-- Writes: nothing: what leaves the warehouse are counts and sums
-- Grain:  experiment × variation, compared units: how many had any event, and each measure's and
--         covariate's sum and units with some of it. Of a covariate's logarithm also the sums of
--         differences from the experiment's mean: a few heavy users must not decide whether arms differ.
WITH compared AS (
  SELECT
    experiment_id,
    variation_key,
    {% if covariates -%}
    events_before_exposure,
    {% endif -%}
    {% for measure in measures -%}
    coalesce({{ measure | identifier }}, 0) AS {{ ('value_' ~ loop.index0) | identifier }},
    {% endfor -%}
    {% for covariate in covariates -%}
    {% set past = covariate | identifier -%}
    coalesce({{ past }}, 0) AS {{ ('past_' ~ loop.index0) | identifier }},
    CASE
      WHEN {{ past }} > 0 THEN ln(1 + {{ past }})
      WHEN {{ past }} < 0 THEN -ln(1 - {{ past }})
      ELSE 0.0
    END AS {{ ('log_' ~ loop.index0) | identifier }},
    {% endfor -%}
    events_after_exposure
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
    avg({{ ('log_' ~ loop.index0) | identifier }}) AS {{ ('shift_' ~ loop.index0) | identifier }},
    {% endfor -%}
    count(*) AS units
  FROM compared
  GROUP BY experiment_id
)
SELECT
  compared.experiment_id AS experiment_id,
  compared.variation_key AS variation_key,
  {% for measure in measures -%}
  {% set value = ('value_' ~ loop.index0) | identifier -%}
  sum(compared.{{ value }}) AS {{ ('sum_' ~ loop.index0) | identifier }},
  sum(CASE WHEN compared.{{ value }} <> 0 THEN 1 ELSE 0 END) AS {{ ('some_' ~ loop.index0) | identifier }},
  {% endfor -%}
  {% for covariate in covariates -%}
  {% set past = ('past_' ~ loop.index0) | identifier -%}
  {% set log = ('log_' ~ loop.index0) | identifier -%}
  {% set shift = ('shift_' ~ loop.index0) | identifier -%}
  sum(compared.{{ past }}) AS {{ ('past_sum_' ~ loop.index0) | identifier }},
  sum(CASE WHEN compared.{{ past }} <> 0 THEN 1 ELSE 0 END) AS {{ ('past_some_' ~ loop.index0) | identifier }},
  sum(compared.{{ log }} - shift.{{ shift }}) AS {{ ('centred_' ~ loop.index0) | identifier }},
  sum((compared.{{ log }} - shift.{{ shift }}) * (compared.{{ log }} - shift.{{ shift }})) AS {{ ('square_' ~ loop.index0) | identifier }},
  max(shift.{{ shift }}) AS {{ shift }},
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
