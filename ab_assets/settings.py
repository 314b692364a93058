"""The environment, read once.

What belongs here: every environment variable the project reads, its default and its check. What
does not: anything that acts on a setting. Secrets are ``SecretStr``: they never show in a ``repr``.
"""

import os
import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ab_assets.errors import ConfigurationError

_PREFIXES = ("AB_", "GROWTHBOOK_", "METABASE_", "DAGSTER_HOME")
_FIRST_YEAR = 1970
_SIZE = re.compile(r"[1-9][0-9]*(\.[0-9]+)? ?[MG](i?)B")
PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What the environment says.

    Attributes:
        warehouse_url: ``duckdb:///path`` or ``starrocks://user:password@host:9030/ab?http_port=8030``.
        start_date: The first partition of every dated asset.
        modules_dir: The folder that holds one folder per module.
        lookback_days: Days the daily schedule makes again, in order, so that late rows count.
        wide_keep_days: Wide partitions further than this behind the newest are dropped.
        reports_dir: The folder that the HTML report of each tag is written into; ``None``, which an
            empty ``AB_REPORTS_DIR`` is, where none is wanted.
        timezone: The business day's time zone (IANA name).
        warehouse_lock_seconds: How long to wait for a warehouse file that another process has open.
        warehouse_patience_seconds: How long to try again while StarRocks does not answer.
        duckdb_memory: The most memory the embedded warehouse may take for rows, like ``3GB``.
        duckdb_threads: How many threads it uses; one a core where it is not given.
        duckdb_spill_directory: Where it writes rows that do not fit; beside its file by default.
        alert_kind: The channel alerts leave by; without it none are sent.
        alert_webhook: The channel's address, which is a password.
        alert_secret: What messages are signed with.
        alert_smtp_url: ``smtp(s)://user:password@host:port``, for e-mail.
        alert_from: The sender of e-mail.
        alert_to: The recipients of e-mail, separated by commas.
        alert_digest_hour: The hour of the business day after which the daily digest is sent.
        dagster_url: Where people reach Dagster's UI; links in alerts begin with it.
        metabase_url: Where Metabase is.
        metabase_api_key: An API key of a Metabase administrator, or instead
        metabase_user: an administrator's e-mail address, and
        metabase_password: their password.
        metabase_warehouse_user: The reader Metabase signs in to StarRocks as.
        metabase_warehouse_password: Its password.
    """

    model_config = SettingsConfigDict(env_prefix="AB_", extra="ignore", frozen=True)

    warehouse_url: SecretStr = SecretStr(f"duckdb:///{PROJECT_ROOT / 'data' / 'ab.duckdb'}")
    start_date: date = date(2026, 1, 1)
    modules_dir: Path = PROJECT_ROOT / "sql" / "modules"
    lookback_days: int = Field(default=3, ge=1, le=60)
    wide_keep_days: int = Field(default=14, ge=1, le=3650)
    reports_dir: Path | None = PROJECT_ROOT / "data" / "reports"
    timezone: str = "UTC"
    warehouse_lock_seconds: float = Field(default=60.0, ge=0, le=3600)
    warehouse_patience_seconds: float = Field(default=240.0, ge=0, le=3600)
    duckdb_memory: str = "3GB"
    duckdb_threads: int | None = Field(default=None, ge=1, le=1024)
    duckdb_spill_directory: Path | None = None
    alert_kind: Literal["slack", "feishu", "dingtalk", "generic", "email"] | None = None
    alert_webhook: SecretStr | None = None
    alert_secret: SecretStr | None = None
    alert_smtp_url: SecretStr | None = None
    alert_from: str | None = None
    alert_to: str | None = None
    alert_digest_hour: int = Field(default=9, ge=0, le=23)
    dagster_url: str | None = None
    metabase_url: str | None = Field(default=None, validation_alias="METABASE_URL")
    metabase_api_key: SecretStr | None = Field(default=None, validation_alias="METABASE_API_KEY")
    metabase_user: str | None = Field(default=None, validation_alias="METABASE_USER")
    metabase_password: SecretStr | None = Field(default=None, validation_alias="METABASE_PASSWORD")
    metabase_warehouse_user: str | None = Field(
        default=None, validation_alias="METABASE_WAREHOUSE_USER"
    )
    metabase_warehouse_password: SecretStr | None = Field(
        default=None, validation_alias="METABASE_WAREHOUSE_PASSWORD"
    )
    growthbook_api_url: str | None = Field(default=None, validation_alias="GROWTHBOOK_API_URL")
    growthbook_api_key: SecretStr | None = Field(
        default=None, validation_alias="GROWTHBOOK_API_KEY"
    )
    growthbook_webhook_secret: SecretStr | None = Field(
        default=None, validation_alias="GROWTHBOOK_WEBHOOK_SECRET"
    )
    growthbook_snapshot: Path | None = Field(default=None, validation_alias="GROWTHBOOK_SNAPSHOT")
    dagster_home: Path | None = Field(default=None, validation_alias="DAGSTER_HOME")

    @field_validator("start_date", mode="before")
    @classmethod
    def _written_as_a_date(cls, value: object) -> object:
        # A bare number would be taken for seconds since 1970.
        if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            message = f"{value[:40]!r} is no date; write it like 2026-01-31"
            raise ValueError(message)
        return value

    @field_validator("start_date")
    @classmethod
    def _within_what_sources_hold(cls, value: date) -> date:
        if value.year < _FIRST_YEAR:
            message = f"{value} lies before {_FIRST_YEAR}, when no row of the sources can be"
            raise ValueError(message)
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            message = (
                f"{name[:80]!r} is no IANA time zone; use a name like 'UTC' or 'Asia/Shanghai'"
            )
            raise ValueError(message) from error
        return name

    @field_validator(
        "duckdb_threads",
        "duckdb_spill_directory",
        "alert_kind",
        "alert_webhook",
        "alert_secret",
        "alert_smtp_url",
        "alert_from",
        "alert_to",
        "dagster_url",
        "reports_dir",
        "growthbook_webhook_secret",
        "metabase_url",
        "metabase_api_key",
        "metabase_user",
        "metabase_password",
        "metabase_warehouse_user",
        "metabase_warehouse_password",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("dagster_url", "metabase_url")
    @classmethod
    def _http_address(cls, url: str | None) -> str | None:
        if url is None or re.fullmatch(r"https?://[^\s@?#\x00-\x1f\x7f-\x9f]+", url):
            return url
        message = "it is no address of a page; use one like 'https://dagster.example.com'"
        raise ValueError(message)

    @field_validator("duckdb_memory")
    @classmethod
    def _size(cls, text: str) -> str:
        if _SIZE.fullmatch(text.strip()):
            return text.strip()
        message = f"{text!r} is no size; write one like 3GB or 500MB"
        raise ValueError(message)

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.timezone)

    @property
    def home(self) -> Path:
        """The folder of the Dagster instance."""
        return (self.dagster_home or PROJECT_ROOT / ".dagster").absolute()

    def today(self) -> date:
        """The business day it is now."""
        return datetime.now(UTC).astimezone(self.zone).date()

    def yesterday(self) -> date:
        """The newest business day that has ended."""
        return self.today() - timedelta(days=1)


def read_settings() -> Settings:
    """Reads the environment.

    Raises:
        ConfigurationError: A variable is set to something it cannot be; the message names it.
    """
    own = (
        (name, value) for name, value in os.environ.items() if name.upper().startswith(_PREFIXES)
    )
    return _settings_of(tuple(sorted(own)))


@lru_cache(maxsize=8)
def _settings_of(_: tuple[tuple[str, str], ...]) -> Settings:
    """The settings of an environment, read once: every asset of a run asks for them."""
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(_problem(item["loc"], item["msg"]) for item in error.errors())
        message = f"the environment is wrong: {problems}"
        raise ConfigurationError(message) from None


def _problem(location: tuple[int | str, ...], text: str) -> str:
    name = str(location[0]) if location else "?"
    variable = name if name.isupper() else f"AB_{name.upper()}"
    return f"{variable}: {text.removeprefix('Value error, ')}"
