from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from pymysql.constants import FIELD_TYPE

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.starrocks.connection import Answer
from ab_assets.warehouse.starrocks.frames import answer_frame

NOON = datetime(2026, 1, 2, 12)  # noqa: DTZ001  as the driver gives it


def answer(code: int, *values: object, size: int = 20, scale: int = 0, name: str = "a") -> Answer:
    return Answer(((name, code, None, size, size, scale, True),), [(value,) for value in values])


@pytest.mark.parametrize(
    ("given", "kind", "values"),
    [
        (answer(FIELD_TYPE.LONGLONG, 1, None), pl.Int64(), [1, None]),
        (answer(FIELD_TYPE.LONG, 1), pl.Int64(), [1]),
        (answer(FIELD_TYPE.SHORT, 1), pl.Int64(), [1]),
        (answer(FIELD_TYPE.TINY, 1, 0, None, size=1), pl.Boolean(), [True, False, None]),
        (answer(FIELD_TYPE.TINY, 7, size=4), pl.Int64(), [7]),
        (answer(FIELD_TYPE.DOUBLE, 0.5, None), pl.Float64(), [0.5, None]),
        (answer(FIELD_TYPE.FLOAT, 1), pl.Float64(), [1.0]),
        (answer(FIELD_TYPE.NEWDECIMAL, Decimal(3)), pl.Int64(), [3]),
        (answer(FIELD_TYPE.NEWDECIMAL, Decimal("1.5"), scale=1), pl.Float64(), [1.5]),
        (answer(FIELD_TYPE.DATETIME, NOON), pl.Datetime("us"), [NOON]),
        (answer(FIELD_TYPE.DATE, date(2026, 1, 2)), pl.Date(), [date(2026, 1, 2)]),
        (answer(FIELD_TYPE.VAR_STRING, "x", None), pl.String(), ["x", None]),
        (answer(FIELD_TYPE.BLOB, b"x"), pl.String(), ["x"]),
        (answer(FIELD_TYPE.JSON, '{"a": 1}'), pl.String(), ['{"a": 1}']),
        (answer(FIELD_TYPE.NULL, None), pl.Int64(), [None]),
    ],
)
def test_a_column_has_the_plain_type_of_its_code(
    given: Answer, kind: pl.DataType, values: list[object]
) -> None:
    frame = answer_frame(given)
    assert frame.schema == {"a": kind}
    assert frame["a"].to_list() == values


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (FIELD_TYPE.LONGLONG, pl.Int64()),
        (FIELD_TYPE.VAR_STRING, pl.String()),
        (FIELD_TYPE.DATETIME, pl.Datetime("us")),
    ],
)
def test_a_column_without_values_has_its_type_too(code: int, kind: pl.DataType) -> None:
    assert answer_frame(answer(code)).schema == {"a": kind}
    assert answer_frame(answer(code, None)).schema == {"a": kind}


def test_two_columns_of_one_name_are_refused() -> None:
    twice = answer(FIELD_TYPE.LONG).description * 2
    with pytest.raises(WarehouseError, match="two columns named a"):
        answer_frame(Answer(twice, []))


def test_a_number_that_is_no_bigint_is_refused() -> None:
    with pytest.raises(WarehouseError, match="does not fit"):
        answer_frame(answer(FIELD_TYPE.NEWDECIMAL, Decimal(2**70)))
