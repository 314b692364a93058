-- The exposures of your company, in the columns the rest reads. Edit the SELECT, keep the names.
-- Reads: ab_source.exposures (what `ab-assets load exposures` fills).
-- Grain: one row for each time a unit saw a variation. Duplicates do no harm.
--
-- user_id         VARCHAR, not NULL   the unit the experiment randomises (its hashAttribute)
-- experiment_key  VARCHAR, not NULL   the tracking key of the GrowthBook experiment
-- variation_key   VARCHAR, not NULL   the key of the variation shown ('0', '1', … unless you named them)
-- exposed_at      DATETIME, not NULL  when, in UTC; keep it a bare column so that days can be skipped fast
-- country, platform, app_version, channel
--                 VARCHAR             what was known at that moment; NULL when not known
--
-- No ';', no binds, no ORDER BY: other statements include this text as (…) AS exposures.
SELECT
  user_id,
  experiment_key,
  variation_key,
  exposed_at,
  country,
  platform,
  app_version,
  channel
FROM ab_source.exposures
