-- The events of your company, in the columns the rest reads. Edit the SELECT, keep the names.
-- Reads: ab_source.events (what `ab-assets load events` fills).
-- Grain: one row an event. An event that is here twice counts twice: remove duplicates here if you have
-- them, for example with QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY received_at) = 1.
--
-- event_id        VARCHAR             the id the sender gave
-- event_name      VARCHAR, not NULL   what happened
-- user_id         VARCHAR, not NULL   the same unit as in exposures.sql
-- event_time      DATETIME, not NULL  when it happened, in UTC; keep it a bare column so that days can be
--                                     skipped fast
-- received_at     DATETIME            when it arrived, in UTC; NULL when not known
-- session_id, device_id, country, region, city, platform, device_model, os_version, app_version, page_url
--                 VARCHAR             NULL when not known
-- value           DOUBLE              the number the event carries (an amount, a duration); NULL when none
-- properties      JSON                everything else
--
-- No ';', no binds, no ORDER BY: other statements include this text as (…) AS events.
SELECT
  event_id,
  event_name,
  user_id,
  event_time,
  received_at,
  session_id,
  device_id,
  country,
  region,
  city,
  platform,
  device_model,
  os_version,
  app_version,
  page_url,
  value,
  properties
FROM ab_source.events
