from pathlib import Path

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.warehouse.starrocks.location import read_location

FE = "starrocks://me:secret@fe/ab"


def test_options_are_read(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.touch()
    location = read_location(
        f"{FE}?http_port=8443&http_scheme=https&ssl_ca={authority}&resource_group=etl"
        "&warehouse=night-wh&query_timeout=60&replication_num=3"
    )
    assert (location.http_port, location.http_scheme) == (8443, "https")
    assert location.ssl_ca == str(authority)
    assert (location.resource_group, location.warehouse) == ("etl", "night-wh")
    assert (location.query_timeout, location.replication_num) == (60, 3)


def test_without_options_a_statement_has_a_quarter_of_an_hour() -> None:
    location = read_location(FE)
    assert (location.query_timeout, location.replication_num) == (900, 1)
    assert (location.ssl_ca, location.resource_group, location.warehouse) == (None, None, None)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("http_port=0", "not a whole number from 1 to 65535"),
        ("http_scheme=ftp", "http_scheme='ftp', which is not http or https"),
        ("ssl_ca=/no/such/file.pem", "not a file that is there"),
        ("resource_group=a'b", "not a name of letters"),
        ("warehouse=", "not a name of letters"),
        ("query_timeout=-1", "not a whole number from 1 to 259200"),
        ("query_timeout=1e3", "not a whole number from 1 to 259200"),
        ("replication_num=x", "not a whole number from 1 to 99"),
        ("timeout=3", r"unknown option 'timeout' \(there are http_port, http_scheme, ssl_ca"),
    ],
)
def test_a_wrong_option_is_refused_with_what_it_may_be(option: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        read_location(f"{FE}?{option}")
    assert "secret" not in str(caught.value)


def test_a_database_that_is_no_name_of_ours_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no lower-case name"):
        read_location("starrocks://me@fe/AB")


def test_the_password_is_in_no_repr() -> None:
    assert "secret" not in repr(read_location(FE))
