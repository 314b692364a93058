"""Everything a page is made of, read from the warehouse.

What belongs here: the reading. What does not: choosing what is shown of it.
"""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import polars as pl

from ab_assets.analysis.columns import wide_table
from ab_assets.health.finding import Finding
from ab_assets.health.table import findings_of
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.model import Module
from ab_assets.reporting.history import read_history
from ab_assets.reporting.reading import read_report, report_provenance
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import StatementLibrary


@dataclass(frozen=True, slots=True)
class PageSource:
    """One report and what belongs to it.

    Attributes:
        rows: The report.
        history: The days of its phases so far, as ``reporting.history`` reads them.
        findings: The health of the day.
        wide_paths: How the wide table was made, where it is still there.
        reason: Why the report is empty, where it is.
    """

    tag: str
    event_date: date
    zone: ZoneInfo
    module: Module
    rows: pl.DataFrame
    history: pl.DataFrame
    findings: tuple[Finding, ...]
    wide_paths: tuple[str, ...]
    reason: str


def read_page_source(  # noqa: PLR0917 (what every reader of reports takes, and the zone)
    warehouse: Warehouse,
    library: StatementLibrary,
    catalogue: ModuleCatalogue,
    tag: str,
    event_date: date | None,
    zone: ZoneInfo,
) -> PageSource:
    """Reads the report of a day, or the newest.

    Raises:
        UnknownTagError: No module claims the tag.
        NoReportError: There is no such report.
    """
    module = catalogue.module_of(tag)
    with warehouse.session():
        made = report_provenance(warehouse, catalogue, tag, event_date)
        day = made.event_date
        if day is None:  # pragma: no cover (reports are made of a day)
            message = f"the report of {tag!r} has no day"
            raise ValueError(message)
        wide = wide_table(module.module, tag, ())
        return PageSource(
            tag=tag,
            event_date=day,
            zone=zone,
            module=module,
            rows=read_report(warehouse, library, catalogue, tag, day),
            history=read_history(warehouse, library, catalogue, tag, day),
            findings=findings_of(warehouse, library, tag, day),
            wide_paths=tuple(
                item.path for item in warehouse.read_provenance(wide.qualified, tag, day)
            ),
            reason=made.reason,
        )
