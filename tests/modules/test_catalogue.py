"""The modules together: each tag has exactly one module and a table of its own."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ab_assets.errors import ConfigurationError, UnknownTagError
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.loader import load_modules
from tests.modules.builders import a_module, content, write

if TYPE_CHECKING:
    from ab_assets.modules.model import Module


def catalogue(**tags: list[str]) -> ModuleCatalogue:
    return ModuleCatalogue.of(
        [
            (Path(f"{name}/module.yaml"), a_module(module=name, tags=own))
            for name, own in tags.items()
        ]
    )


def test_the_module_of_a_tag_is_the_one_that_claims_it() -> None:
    found = catalogue(shop=["shop", "cart"], chat=["chat"])
    assert found.module_of("cart").module == "shop"
    assert found.tags == ("cart", "chat", "shop")
    assert [module.module for module in found] == ["shop", "chat"]


def test_an_unknown_tag_is_refused_with_the_nearest_one() -> None:
    message = r"no module claims tag 'retntion'; did you mean 'retention'\? .*module\.yaml"
    with pytest.raises(UnknownTagError, match=message):
        catalogue(users=["retention"], chat=["chat"]).module_of("retntion")


def test_an_unknown_tag_like_no_other_is_refused_with_all_there_are() -> None:
    with pytest.raises(UnknownTagError, match=r"'xyz'; known tags: chat, retention"):
        catalogue(users=["retention"], chat=["chat"]).module_of("xyz")


def test_a_tag_in_another_spelling_is_unknown() -> None:
    with pytest.raises(UnknownTagError, match=r"did you mean 'retention'"):
        catalogue(users=["retention"]).module_of("Retention")


def test_tags_that_no_module_claims_are_told_once_and_sorted() -> None:
    assert catalogue(users=["retention"]).unclaimed(["z", "retention", "a", "z"]) == ("a", "z")


def test_two_modules_that_claim_one_tag_are_refused() -> None:
    message = (
        r"^b/module\.yaml: tags: 'shop' already belongs to a/module\.yaml; "
        r"a tag has exactly one module"
    )
    with pytest.raises(ConfigurationError, match=message):
        catalogue(a=["shop"], b=["shop"])


def test_two_files_with_one_module_name_are_refused() -> None:
    files: list[tuple[Path, Module]] = [
        (Path("one/module.yaml"), a_module(tags=["a"])),
        (Path("two/module.yaml"), a_module(tags=["b"])),
    ]
    with pytest.raises(
        ConfigurationError, match=r"^two/module\.yaml: module: 'shop' is already the name of one/"
    ):
        ModuleCatalogue.of(files)


@pytest.mark.parametrize(
    "tags",
    [
        {"chat": ["chat-entry", "chat_entry"]},
        {"chat": ["chat.entry", "chat-entry"]},
        {"chat": ["Entry", "entry"]},
        {"chat": ["entry_x"], "chat_entry": ["x"]},
    ],
)
def test_tags_that_would_share_a_table_are_refused(tags: dict[str, list[str]]) -> None:
    with pytest.raises(
        ConfigurationError, match=r"module\.yaml: tags: .* would share the table …_chat_"
    ):
        catalogue(**tags)


def test_a_problem_of_measures_names_the_file(tmp_path: Path) -> None:
    write(tmp_path, content(columns={"visits": "count(*)", "country": "count(*)"}))
    with pytest.raises(
        ConfigurationError, match=r"shop/module\.yaml: columns\.country: every wide table"
    ):
        load_modules(tmp_path)


def test_the_same_tag_may_stand_in_tables_of_different_modules() -> None:
    assert catalogue(chat=["entry"], shop=["entry2"]).tags == ("entry", "entry2")
