"""The warehouse: statements in, frames and written partitions out.

What belongs here: SQL text and its binds, the StarRocks dialect and its run on DuckDB, tables
and their evolution, files becoming rows. What does not: statistics, experiments, modules,
anything of Dagster.
"""
