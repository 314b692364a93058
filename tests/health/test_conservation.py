"""Conservation: a unit that is lost or there twice is caught and named."""

from ab_assets.health.assignment import (
    Assignment,
    assignment_from_source,
    assignment_from_wide,
)
from ab_assets.health.conservation import check_conservation
from ab_assets.health.finding import Check, Finding, Status

SOURCE = Assignment({"0": 50, "1": 50}, {"": 3}, {"beta": 2}, exposures=200)


def check(**changes: object) -> Finding:
    values = {
        "compared": {"0": 50, "1": 50},
        "crossovers": {"0": 1, "beta": 2},
        "unknown": {"beta": 2},
        "exposures": 200,
    } | changes
    return check_conservation("exp_1", Assignment(**values), SOURCE)


def test_tables_that_agree_pass() -> None:
    finding = check()
    assert (finding.check, finding.status, finding.value) == (Check.CONSERVATION, Status.PASS, 0.0)
    assert finding.message == "all 105 exposed units of the source are in the wide table, once each"


def test_a_lost_unit_is_named_with_its_variation() -> None:
    finding = check(compared={"0": 50, "1": 49}, exposures=198)
    assert (finding.status, finding.distrust) == (Status.FAIL, "units are not conserved")
    assert finding.message == (
        "the wide table has 104 units, the source 105; 198 exposures, the source 200; "
        "49 units of '1', the source 50; run the day again with --full"
    )
    assert finding.value == 2.0


def test_a_unit_in_the_wrong_variation_is_caught() -> None:
    finding = check(compared={"0": 51, "1": 49})
    assert finding.status is Status.FAIL
    assert finding.detail["broken"] == {"units of '0'": [51, 50], "units of '1'": [49, 50]}


def test_a_variation_the_wide_table_does_not_have_is_caught() -> None:
    assert "0 units of '1', the source 50" in check(compared={"0": 50}).message


def test_a_crossover_that_is_compared_is_caught() -> None:
    finding = check(compared={"0": 51, "1": 50}, crossovers={"0": 2})
    assert "2 crossovers, the source 3" in finding.message


def test_a_unit_that_is_there_twice_does_not_make_up_for_one_that_is_missing() -> None:
    finding = check(repeated=1)
    assert finding.status is Status.FAIL
    assert finding.message.startswith("the wide table has 1 repeated units, the source 0")


def test_lost_exposures_are_caught_where_every_unit_is_there() -> None:
    assert check(exposures=199).message.startswith(
        "the wide table has 199 exposures, the source 200"
    )


def test_a_key_that_became_known_is_not_a_difference() -> None:
    finding = check(compared={"0": 50, "1": 50, "beta": 2}, unknown={})
    assert finding.status is Status.PASS


def test_no_units_anywhere_agree() -> None:
    assert check_conservation("exp_1", Assignment(), Assignment()).status is Status.PASS


def wide_row(key: str, units: int, **more: object) -> dict[str, object]:
    values = {"is_known": True, "is_crossover": False, "exposures": units, "distinct_units": units}
    return {"variation_key": key, "units": units} | values | more


def test_wide_counts_are_taken_apart_by_what_the_units_saw() -> None:
    found = assignment_from_wide(
        [
            wide_row("0", 5),
            wide_row("1", 4, distinct_units=3),
            wide_row("0", 2, is_crossover=True),
            wide_row("beta", 1, is_crossover=True, is_known=False),
            wide_row("beta", 7, is_known=False),
        ]
    )
    assert found == Assignment({"0": 5, "1": 4}, {"0": 2, "beta": 1}, {"beta": 7}, 19, 1)
    assert (dict(found.compared), dict(found.crossovers)) == ({"0": 5, "1": 4}, {"0": 2, "beta": 1})
    assert (dict(found.unknown), found.exposures, found.repeated) == ({"beta": 7}, 19, 1)
    assert (found.units, found.in_or_crossed) == (19, 12)


def test_source_counts_are_taken_apart_by_the_keys_of_the_experiment() -> None:
    rows = [
        {"variation_key": "0", "units": 5, "exposures": 9},
        {"variation_key": None, "units": 2, "exposures": 4},
        {"variation_key": "beta", "units": 3, "exposures": 3},
    ]
    found = assignment_from_source(rows, ["0", "1"])
    assert (dict(found.compared), dict(found.crossovers)) == ({"0": 5}, {"": 2})
    assert (dict(found.unknown), found.exposures) == ({"beta": 3}, 16)
