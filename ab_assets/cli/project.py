"""The project as a command needs it: definitions, settings, warehouse.

What belongs here: opening them, once a command. What does not: what commands do with them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ab_assets.deferred import deferred
from ab_assets.project import Project, read_project
from ab_assets.settings import Settings, read_settings
from ab_assets.warehouse.duckdb.limits import duckdb_limits
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.url import open_warehouse

if TYPE_CHECKING:
    import dagster as dg

    from ab_assets.definitions import build_defs
else:
    # Importing it wires the environment's own definitions: only commands that run something do.
    build_defs = deferred("ab_assets.definitions:build_defs")


@dataclass(frozen=True, slots=True)
class OpenedProject:
    """What a command works with."""

    project: Project
    warehouse: Warehouse

    @property
    def definitions(self) -> "dg.Definitions":
        """The code location of this project."""
        return build_defs(project=self.project)


def open_project() -> OpenedProject:
    """Reads settings and modules.

    Raises:
        ConfigurationError: The environment or a module file is wrong.
    """
    settings = read_settings()
    return OpenedProject(read_project(settings), warehouse_of(settings))


def warehouse_of(settings: Settings) -> Warehouse:
    """The warehouse the settings name; nothing is connected before its first use.

    Raises:
        ConfigurationError: The URL is wrong.
    """
    return open_warehouse(
        settings.warehouse_url.get_secret_value(),
        settings.warehouse_lock_seconds,
        settings.warehouse_patience_seconds,
        duckdb_limits(settings),
    )
