"""The database Metabase is connected to.

What belongs here: its engine and details. What does not: the connection of ab_assets itself.
"""

from dataclasses import dataclass
from typing import Literal

from ab_assets.errors import ConfigurationError
from ab_assets.settings import Settings
from ab_assets.warehouse.url import StarRocksLocation, parse_warehouse_url

_CATALOG = "default_catalog"
_DATABASE = "flow_report_app"


@dataclass(frozen=True, slots=True)
class Target:
    """A database: the details that can be compared, and the password, which nothing shows."""

    engine: Literal["mysql", "sqlite"]
    details: dict[str, object]
    secrets: "dict[str, object]"

    def __repr__(self) -> str:
        """Without the password."""
        return f"Target({self.engine}, {self.details})"


def target_of(settings: Settings, sqlite: str | None) -> Target:
    """Which database the cards read.

    Args:
        settings: Whose warehouse.
        sqlite: The path of an export, as Metabase sees it.

    Raises:
        ConfigurationError: There is nothing that Metabase can read, or no reader to read it as.
    """
    if sqlite is not None:
        return Target("sqlite", {"db": sqlite}, {})
    location = parse_warehouse_url(settings.warehouse_url.get_secret_value())
    if not isinstance(location, StarRocksLocation):
        message = (
            "Metabase has no driver for the embedded DuckDB: write `ab-assets export "
            "reports.sqlite --format sqlite` to a folder Metabase can read, and name the file "
            "as Metabase sees it: `ab-assets metabase apply --sqlite /path/reports.sqlite`"
        )
        raise ConfigurationError(message)
    user, password = settings.metabase_warehouse_user, settings.metabase_warehouse_password
    if user is None or password is None:
        message = (
            "Metabase signs in to StarRocks as a reader: set METABASE_WAREHOUSE_USER and "
            "METABASE_WAREHOUSE_PASSWORD (`ab-assets schema --grants` makes ab_reader)"
        )
        raise ConfigurationError(message)
    details: dict[str, object] = {
        "host": location.host,
        "port": location.port,
        "dbname": f"{_CATALOG}.{_DATABASE}",
        "user": user,
        "ssl": location.ssl_ca is not None,
        "additional-options": "tinyInt1isBit=false",
    }
    return Target("mysql", details, {"password": password.get_secret_value()})
