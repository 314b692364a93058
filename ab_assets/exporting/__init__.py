"""The tables of ``flow_report_app`` as files that any tool can read.

What belongs here: reading them, and writing them whole. What does not: other tables.
"""
