"""A report in the terminal.

What belongs here: what is shown of a report there, at the width there is. What does not: computing
anything.
"""

from ab_assets.reporting.terminal.blocks import Surroundings, report_tables

__all__ = ["Surroundings", "report_tables"]
