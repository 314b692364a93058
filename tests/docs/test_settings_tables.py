"""The settings the documentation lists are those there are."""

import re

from ab_assets.settings import Settings
from tests.docs.markdown import pages


def test_the_variables_of_the_tables_are_those_of_the_settings() -> None:
    listed = {
        name
        for page in pages()
        for cells in page.table_rows("variable", "变量")
        for name in re.findall(r"`([A-Z][A-Z_]+)`", cells[0])
    }
    known = _variables()
    assert not listed - known, f"no setting has the name: {', '.join(sorted(listed - known))}"
    assert not known - listed, f"no table lists: {', '.join(sorted(known - listed))}"


def _variables() -> set[str]:
    return {
        str(item.validation_alias or f"AB_{name.upper()}")
        for name, item in Settings.model_fields.items()
    }
