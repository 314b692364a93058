"""What every asset needs to know: the settings, the modules and the SQL.

What belongs here: one frozen object handed down from :mod:`ab_assets.definitions`. What does not:
anything read at import.
"""

from dataclasses import dataclass

from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.loader import load_modules
from ab_assets.settings import PROJECT_ROOT, Settings
from ab_assets.warehouse.statements import StatementLibrary


@dataclass(frozen=True, slots=True)
class Project:
    """Settings, modules and the statement library."""

    settings: Settings
    catalogue: ModuleCatalogue
    library: StatementLibrary

    @property
    def engine(self) -> str:
        """The warehouse's kind, as it shows in the UI: ``duckdb`` or ``starrocks``."""
        return self.settings.warehouse_url.get_secret_value().partition(":")[0]


def read_project(settings: Settings) -> Project:
    """Reads the module files.

    Raises:
        ConfigurationError: A module file is wrong.
    """
    return Project(
        settings, load_modules(settings.modules_dir), StatementLibrary(PROJECT_ROOT / "sql")
    )
