-- Who may do what on StarRocks: run once by root, or by whoever has the roles user_admin and db_admin.
-- Replace the two placeholders by passwords in quotes first: as it stands, the first statement is refused and
-- nothing is done. ON ALL TABLES IN DATABASE covers tables that are created later, too.

-- The users.
CREATE USER IF NOT EXISTS 'ab_writer'@'%' IDENTIFIED BY <password of ab_writer>;
CREATE USER IF NOT EXISTS 'ab_reader'@'%' IDENTIFIED BY <password of ab_reader>;

-- The databases; ab_writer makes the tables (ab-assets schema --apply), but no database.
CREATE DATABASE IF NOT EXISTS ab;
CREATE DATABASE IF NOT EXISTS ab_source;
CREATE DATABASE IF NOT EXISTS flow_report_app;

-- What ab-assets itself needs: AB_WAREHOUSE_URL=starrocks://ab_writer:…
CREATE ROLE IF NOT EXISTS ab_writer_role;
GRANT CREATE TABLE ON DATABASE ab TO ROLE ab_writer_role;
GRANT CREATE TABLE ON DATABASE ab_source TO ROLE ab_writer_role;
GRANT CREATE TABLE ON DATABASE flow_report_app TO ROLE ab_writer_role;
GRANT SELECT, INSERT, ALTER, DROP ON ALL TABLES IN DATABASE ab TO ROLE ab_writer_role;
GRANT SELECT, INSERT, ALTER, DROP ON ALL TABLES IN DATABASE ab_source TO ROLE ab_writer_role;
GRANT SELECT, INSERT, ALTER, DROP ON ALL TABLES IN DATABASE flow_report_app TO ROLE ab_writer_role;
-- Provenance that was replaced, and wide rows older than AB_WIDE_KEEP_DAYS.
GRANT DELETE ON ALL TABLES IN DATABASE ab TO ROLE ab_writer_role;

-- What Metabase needs, and nothing else: results, no rows about users.
CREATE ROLE IF NOT EXISTS ab_reader_role;
GRANT SELECT ON ALL TABLES IN DATABASE flow_report_app TO ROLE ab_reader_role;

-- The roles act from the login on.
GRANT ab_writer_role TO USER 'ab_writer'@'%';
GRANT ab_reader_role TO USER 'ab_reader'@'%';
ALTER USER 'ab_writer'@'%' DEFAULT ROLE ab_writer_role;
ALTER USER 'ab_reader'@'%' DEFAULT ROLE ab_reader_role;
