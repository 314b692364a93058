-- Reads:  a table of ab_source
-- Writes: nothing
-- Grain:  one row
SELECT count(*) AS row_count
FROM {{ table | table }}
