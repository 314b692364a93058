-- Reads:  a table of flow_report_app, all tags or one
-- Writes: nothing
-- Grain:  that of the table
SELECT {{ columns | identifiers }}
FROM {{ table | table }}
{% if one_tag %}WHERE tag = :tag{% endif %}
