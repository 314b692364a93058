"""A report as one HTML file.

What belongs here: what the page shows, in which words and pictures, and its file. What does not:
computing any number, other ways to show a report.
"""
