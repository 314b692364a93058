{#- The variations of the phases in force, one row a variation. -#}
{% for index in variations -%}
{% if not loop.first %}UNION ALL
{% endif -%}
SELECT
  CAST(:variation_experiment_id_{{ index }} AS VARCHAR) AS experiment_id,
  CAST(:variation_key_{{ index }} AS VARCHAR) AS variation_key
{% endfor %}
