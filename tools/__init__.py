"""Tools for those who work on the project.

What belongs here: programs that write files of the repository from its code. What does not:
anything a user runs.
"""
