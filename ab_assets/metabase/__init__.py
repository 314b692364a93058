"""The dashboard in Metabase: files of ``metabase/`` -> its REST API.

What belongs here: reading the files, the client, what differs, and writing it. What does not: the
tables the cards read, and the command.
"""
