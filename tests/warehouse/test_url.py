from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ab_assets.errors import ConfigurationError
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.starrocks.warehouse import StarRocksWarehouse
from ab_assets.warehouse.url import (
    DuckDBLocation,
    StarRocksLocation,
    open_warehouse,
    parse_warehouse_url,
)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("duckdb:///data/ab.duckdb", Path("/data/ab.duckdb")),
        ("duckdb:////data/ab.duckdb", Path("//data/ab.duckdb")),
        ("duckdb://./data/ab.duckdb", Path("data/ab.duckdb")),
        ("duckdb://../ab.duckdb", Path("../ab.duckdb")),
        ("duckdb://~/ab.duckdb", Path.home() / "ab.duckdb"),
        ("duckdb:///my%20data/ab.duckdb", Path("/my data/ab.duckdb")),
        ("duckdb:///my data/ab.duckdb", Path("/my data/ab.duckdb")),
    ],
)
def test_a_duckdb_url_names_a_file(url: str, path: Path) -> None:
    assert parse_warehouse_url(url) == DuckDBLocation(path)


@pytest.mark.parametrize(
    "url",
    [
        "duckdb://",
        "duckdb:///",
        "duckdb:///data/",
        "duckdb://data.db",
        "duckdb:///a?b=c",
        "duckdb:///%00",
    ],
)
def test_a_duckdb_url_without_a_file_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"as in duckdb:///path/ab\.duckdb"):
        parse_warehouse_url(url)


def test_a_starrocks_url_names_a_frontend() -> None:
    assert parse_warehouse_url(
        "starrocks://me:p%40ss@fe:9031/ab_db?http_port=8031"
    ) == StarRocksLocation(
        host="fe",
        port=9031,
        http_port=8031,
        database="ab_db",
        user="me",
        password="p@ss",  # noqa: S106
    )


def test_a_starrocks_url_has_the_usual_ports_and_database() -> None:
    assert parse_warehouse_url("starrocks://me@fe") == StarRocksLocation(
        host="fe", port=9030, http_port=8030, database="ab", user="me", password=""
    )


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("starrocks://fe:9030/ab", "lacks a host or a user"),
        ("starrocks://me:secret@/ab", "lacks a host or a user"),
        ("starrocks://me:secret@fe:port/ab", "cannot be read"),
        ("starrocks://me:secret@fe:99999/ab", "cannot be read"),
        ("starrocks://me:secret@fe/ab?http_port=x", "whole number from 1 to 65535"),
        ("starrocks://me:secret@fe/ab?ssl=1", "unknown option 'ssl'"),
        ("mysql://me:secret@fe/ab", r"AB_WAREHOUSE_URL is mysql://…"),
        ("me:secret@fe", "a value without '://'"),
        ("", "a value without '://'"),
    ],
)
def test_another_url_is_refused_without_its_password(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        parse_warehouse_url(url)
    assert "secret" not in str(caught.value)


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "S"]), max_size=20))
def test_no_password_shows_in_an_error_or_a_repr(password: str) -> None:
    secret = f"Xq{password}qX"
    try:
        shown = repr(parse_warehouse_url(f"starrocks://me:{secret}@fe:9030/ab"))
    except ConfigurationError as error:
        shown = str(error)
    assert secret not in shown


def test_a_duckdb_url_opens_nothing_before_it_is_used(tmp_path: Path) -> None:
    warehouse = open_warehouse(f"duckdb://{tmp_path}/new/ab.duckdb", lock_seconds=1)
    assert isinstance(warehouse, DuckDBWarehouse)
    assert warehouse.path == tmp_path / "new" / "ab.duckdb"
    assert not (tmp_path / "new").exists()


def test_a_starrocks_url_connects_to_nothing_before_it_is_used() -> None:
    warehouse = open_warehouse("starrocks://me:secret@fe.invalid:9030/ab")
    assert isinstance(warehouse, StarRocksWarehouse)
    assert repr(warehouse) == "StarRocksWarehouse('me' at fe.invalid:9030/ab)"
