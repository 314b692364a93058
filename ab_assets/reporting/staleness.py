"""Tags whose newest report is older than it should be.

What belongs here: that comparison. What does not: making reports, and telling people.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ab_assets.analysis.columns import report_table
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.warehouse.interface import Warehouse

# The daily runs begin at one o'clock: until this hour yesterday may still be on its way.
_READY_HOUR = 9


@dataclass(frozen=True, slots=True)
class StaleReport:
    """A tag that is behind.

    Attributes:
        newest: The day of its newest report; ``None`` without any.
        expected: The day it should have by now.
    """

    tag: str
    module: str
    newest: date | None
    expected: date

    def __str__(self) -> str:
        if self.newest is None:
            return f"tag {self.tag!r} has no report yet"
        days = (self.expected - self.newest).days
        late = "1 day" if days == 1 else f"{days} days"
        return f"the newest report of tag {self.tag!r} is of {self.newest}, {late} late"


def expected_day(now: datetime) -> date:
    """The newest day whose reports should be there.

    Args:
        now: In the business time zone.
    """
    behind = 1 if now.hour >= _READY_HOUR else 2
    return now.date() - timedelta(days=behind)


def stale_reports(
    warehouse: Warehouse, catalogue: ModuleCatalogue, tags: Iterable[str], expected: date
) -> list[StaleReport]:
    """The tags that are behind, in order.

    Args:
        warehouse: Where the provenance of reports is.
        catalogue: Whose modules claim the tags.
        tags: Which to look at.
        expected: The day each should have.
    """
    found = []
    for tag in sorted(tags):
        module = catalogue.module_of(tag).module
        made = warehouse.read_provenance(report_table(module, tag).qualified, tag)
        newest = max((item.event_date for item in made if item.event_date), default=None)
        if newest is None or newest < expected:
            found.append(StaleReport(tag, module, newest, expected))
    return found
