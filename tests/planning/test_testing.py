import pytest

from ab_assets.planning.request import Judgement
from ab_assets.planning.testing import looks_of


@pytest.mark.parametrize(
    ("test", "days", "looks"),
    [
        (Judgement(), 40, 1),
        (Judgement("group-sequential"), 40, 5),
        (Judgement("group-sequential", 3), 40, 3),
        (Judgement("always-valid"), None, 28),
        (Judgement("always-valid"), 40, 40),
        (Judgement("always-valid"), 4000, 100),
        (Judgement("always-valid"), 0, 1),
        (Judgement("always-valid", 9), 40, 9),
    ],
)
def test_how_often_a_test_is_read(test: Judgement, days: int | None, looks: int) -> None:
    assert looks_of(test, days) == looks
