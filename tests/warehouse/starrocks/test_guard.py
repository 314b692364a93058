import pytest

from ab_assets.errors import StatementError
from ab_assets.warehouse.starrocks.guard import guard

WHOLE = "a text that has no PARTITION .* is not sent"
BROKEN = r"a PARTITION that is not column = literal"
KEYS = ("tag", "event_date")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "SELECT 'INSERT OVERWRITE ab.t SELECT 1' AS a",
        "SELECT `overwrite` FROM ab.t",
        "INSERT INTO ab.t WITH LABEL l (a) SELECT %(a)s",
        "INSERT OVERWRITE ab.t PARTITION (tag='x', event_date='2026-01-02') SELECT 1",
        "INSERT OVERWRITE TABLE `ab`.`t` PARTITION(n = 1) WITH LABEL l (a) SELECT 1",
        "/* c */ insert /* d */ overwrite t partition (a='x') select 1",
        "INSERT OVERWRITE c.ab.t PARTITION (a='x') SELECT 1",
    ],
)
def test_a_text_that_names_its_partition_may_be_sent(text: str) -> None:
    guard(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("INSERT OVERWRITE ab.t SELECT 1", WHOLE),
        ("INSERT OVERWRITE ab.t (a) SELECT 1", WHOLE),
        ("insert overwrite table ab.t select 1", WHOLE),
        ("INSERT /* PARTITION (a='x') */ OVERWRITE ab.t SELECT 1", WHOLE),
        ("INSERT OVERWRITE ab.t WITH LABEL l SELECT '… PARTITION (a=1)' FROM ab.t", WHOLE),
        ("EXPLAIN INSERT OVERWRITE t SELECT 1", WHOLE),
        ("INSERT OVERWRITE", WHOLE),
        ("INSERT OVERWRITE ab.t PARTITION (p20260102) SELECT 1", BROKEN),
        ("INSERT OVERWRITE ab.t PARTITION (tag) SELECT 1", BROKEN),
        ("INSERT OVERWRITE ab.t PARTITION () SELECT 1", BROKEN),
        ("INSERT OVERWRITE ab.t PARTITION (a=b) SELECT 1", BROKEN),
        ("INSERT OVERWRITE ab.t PARTITION (a=%(a)s) SELECT 1", BROKEN),
        ("INSERT OVERWRITE ab.t PARTITION (a='x' OR b='y') SELECT 1", BROKEN),
        ("INSERT OVERWRITE ab.t PARTITION (a='x'", BROKEN),
        ("SELECT 1; INSERT OVERWRITE ab.t SELECT 1", WHOLE),
    ],
)
def test_a_text_that_would_replace_more_is_never_sent(text: str, said: str) -> None:
    with pytest.raises(StatementError, match=said):
        guard(text)


def test_every_partition_column_has_to_be_named() -> None:
    guard("INSERT OVERWRITE ab.t PARTITION (event_date='2026-01-02', tag='x') SELECT 1", KEYS)
    with pytest.raises(StatementError, match="names tag in PARTITION instead of tag, event_date"):
        guard("INSERT OVERWRITE ab.t PARTITION (tag='x') SELECT 1", KEYS)


def test_an_overwrite_is_one_statement() -> None:
    with pytest.raises(StatementError, match="has 0 INSERT OVERWRITE instead of one"):
        guard("INSERT INTO ab.t SELECT 1", KEYS)


def test_a_text_that_cannot_be_read_is_not_sent() -> None:
    with pytest.raises(StatementError, match="cannot be read as SQL, so it is not sent"):
        guard("INSERT OVERWRITE ab.t PARTITION (a='x")
