"""Checking one number of a report without this project: its SQL and a few lines of Python."""
