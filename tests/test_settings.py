from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.settings import PROJECT_ROOT, Settings, read_settings
from tests.small_world import clear_environment


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    clear_environment(monkeypatch)


def test_without_any_variable_the_defaults_of_the_contract_hold() -> None:
    settings = read_settings()
    assert settings.lookback_days == 3
    assert settings.wide_keep_days == 14
    assert settings.timezone == "UTC"
    assert settings.modules_dir == PROJECT_ROOT / "sql" / "modules"
    assert settings.warehouse_url.get_secret_value().startswith("duckdb:///")
    assert settings.growthbook_api_url is None
    assert settings.dagster_home is None
    assert settings.alert_kind is None
    assert settings.alert_digest_hour == 9


def test_each_variable_is_read_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AB_WAREHOUSE_URL": "duckdb:///x/y.duckdb",
        "AB_START_DATE": "2026-02-03",
        "AB_MODULES_DIR": "/somewhere",
        "AB_LOOKBACK_DAYS": "5",
        "AB_WIDE_KEEP_DAYS": "20",
        "AB_TIMEZONE": "Asia/Shanghai",
        "GROWTHBOOK_API_URL": "https://growthbook.example",
        "GROWTHBOOK_API_KEY": "secret_key",
        "GROWTHBOOK_SNAPSHOT": "/a/file.json",
        "DAGSTER_HOME": "/home/dagster",
        "AB_ALERT_KIND": "email",
        "AB_ALERT_DIGEST_HOUR": "7",
        "AB_ALERT_TO": "team@example.com",
        "AB_DAGSTER_URL": "https://dagster.example/ui",
    }.items():
        monkeypatch.setenv(name, value)
    settings = read_settings()
    assert settings.warehouse_url.get_secret_value() == "duckdb:///x/y.duckdb"
    assert settings.start_date == date(2026, 2, 3)
    assert settings.modules_dir == Path("/somewhere")
    assert settings.lookback_days == 5
    assert settings.wide_keep_days == 20
    assert settings.zone == ZoneInfo("Asia/Shanghai")
    assert settings.growthbook_api_url == "https://growthbook.example"
    assert settings.growthbook_api_key is not None
    assert settings.growthbook_api_key.get_secret_value() == "secret_key"
    assert settings.growthbook_snapshot == Path("/a/file.json")
    assert settings.dagster_home == Path("/home/dagster")
    assert (settings.alert_kind, settings.alert_digest_hour) == ("email", 7)
    assert settings.alert_to == "team@example.com"
    assert settings.dagster_url == "https://dagster.example/ui"


def test_secrets_are_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AB_WAREHOUSE_URL", "starrocks://root:hunter2@host:9030/ab")
    monkeypatch.setenv("GROWTHBOOK_API_KEY", "secret_key")
    monkeypatch.setenv("GROWTHBOOK_WEBHOOK_SECRET", "secret_key")
    monkeypatch.setenv("AB_ALERT_WEBHOOK", "https://hooks.example/secret_key")
    monkeypatch.setenv("AB_ALERT_SECRET", "secret_key")
    monkeypatch.setenv("AB_ALERT_SMTP_URL", "smtp://u:hunter2@mail.example")
    shown = f"{read_settings()!r} {read_settings()}"
    assert "hunter2" not in shown
    assert "secret_key" not in shown


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("AB_START_DATE", "soon", "AB_START_DATE"),
        ("AB_LOOKBACK_DAYS", "0", "AB_LOOKBACK_DAYS"),
        ("AB_LOOKBACK_DAYS", "many", "AB_LOOKBACK_DAYS"),
        ("AB_WIDE_KEEP_DAYS", "-1", "AB_WIDE_KEEP_DAYS"),
        ("AB_WAREHOUSE_LOCK_SECONDS", "never", "AB_WAREHOUSE_LOCK_SECONDS"),
        ("AB_WAREHOUSE_PATIENCE_SECONDS", "-1", "AB_WAREHOUSE_PATIENCE_SECONDS"),
        ("AB_TIMEZONE", "Mars/Olympus", "'Mars/Olympus' is no IANA time zone"),
        ("AB_TIMEZONE", "../etc/passwd", "is no IANA time zone"),
        ("AB_TIMEZONE", "", "is no IANA time zone"),
    ],
)
def test_a_wrong_value_is_refused_with_the_variable_s_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=expected) as refusal:
        read_settings()
    assert name in str(refusal.value)


def test_every_wrong_variable_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AB_START_DATE", "soon")
    monkeypatch.setenv("AB_LOOKBACK_DAYS", "many")
    with pytest.raises(ConfigurationError, match=r"AB_START_DATE.*AB_LOOKBACK_DAYS"):
        read_settings()


def test_a_refusal_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AB_WAREHOUSE_URL", "starrocks://root:hunter2@host:9030/ab")
    monkeypatch.setenv("AB_START_DATE", "soon")
    with pytest.raises(ConfigurationError) as refusal:
        read_settings()
    assert "hunter2" not in str(refusal.value)


def test_the_business_day_is_that_of_the_time_zone() -> None:
    east, west = Settings(timezone="Pacific/Kiritimati"), Settings(timezone="Pacific/Pago_Pago")
    assert east.today() - west.today() >= timedelta(days=1)
    assert east.today() == datetime.now(UTC).astimezone(ZoneInfo("Pacific/Kiritimati")).date()


def test_yesterday_is_the_newest_day_that_has_ended() -> None:
    settings = Settings()
    assert settings.yesterday() == settings.today() - timedelta(days=1)
