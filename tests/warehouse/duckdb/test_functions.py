from ab_assets.warehouse.duckdb.functions import macros_for


def names(text: str) -> set[str]:
    return {macro.split()[5].partition("(")[0] for macro in macros_for(text)}


def test_only_the_macros_a_text_calls_are_made() -> None:
    assert names("SELECT DAYS_ADD(d, 1), MAX(x) FROM t") == {"days_add"}


def test_a_macro_brings_the_macros_it_calls() -> None:
    assert names("SELECT get_json_int(j, '$.a')") == {"get_json_int", "sr_whole"}


def test_a_text_without_them_needs_none() -> None:
    assert macros_for("SELECT count(*) FROM t") == ()
