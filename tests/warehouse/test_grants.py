"""The grants, held against the rules of StarRocks's own grammar (StarRocks.g4, 3.x) used here.

createUserStatement     : CREATE USER (IF NOT EXISTS)? user authOption? (DEFAULT ROLE roleList)?
alterUserStatement      : ALTER USER (IF EXISTS)? user DEFAULT ROLE (NONE | ALL | roleList)
createRoleStatement     : CREATE ROLE (IF NOT EXISTS)? roleList
grantRoleStatement      : GRANT identifierOrStringList TO USER? user
grantPrivilegeStatement : GRANT privilegeTypeList ON privObjectType privObjectNameList
                            TO grantRevokeClause
                        | GRANT privilegeTypeList ON ALL privObjectTypePlural
                            IN DATABASE identifierOrString TO grantRevokeClause
"""

import re

import pytest
import sqlglot
from sqlglot.errors import SqlglotError

from ab_assets.warehouse.schema import GRANTS_FILE, fixed_tables, table_files

NAME = r"[a-z_]+"
USER = rf"'{NAME}'@'%'"
TABLE_PRIVILEGES = "ALTER|DROP|SELECT|INSERT|EXPORT|UPDATE|DELETE"
DATABASE_PRIVILEGES = "ALTER|DROP|CREATE TABLE|CREATE VIEW"
FORMS = {
    "create user": rf"CREATE USER IF NOT EXISTS {USER} IDENTIFIED BY (?P<password>.+)",
    "create database": rf"CREATE DATABASE IF NOT EXISTS (?P<database>{NAME})",
    "create role": rf"CREATE ROLE IF NOT EXISTS (?P<role>{NAME})",
    "on database": (
        rf"GRANT (?P<privileges>(?:{DATABASE_PRIVILEGES})(?:, (?:{DATABASE_PRIVILEGES}))*) "
        rf"ON DATABASE (?P<database>{NAME}) TO ROLE (?P<role>{NAME})"
    ),
    "on tables": (
        rf"GRANT (?P<privileges>(?:{TABLE_PRIVILEGES})(?:, (?:{TABLE_PRIVILEGES}))*) "
        rf"ON ALL TABLES IN DATABASE (?P<database>{NAME}) TO ROLE (?P<role>{NAME})"
    ),
    "role to user": rf"GRANT (?P<role>{NAME}) TO USER {USER}",
    "default role": rf"ALTER USER {USER} DEFAULT ROLE (?P<role>{NAME})",
}
TEXT = "\n".join(
    line for line in GRANTS_FILE.read_text("utf-8").splitlines() if not line.startswith("--")
)
STATEMENTS = [" ".join(part.split()) for part in TEXT.split(";") if part.strip()]


def parsed(kind: str) -> list[dict[str, str]]:
    found = [re.fullmatch(FORMS[kind], statement) for statement in STATEMENTS]
    return [match.groupdict() for match in found if match]


def granted(role: str) -> set[tuple[str, str]]:
    """What a role may do, and in which database."""
    return {
        (privilege, grant["database"])
        for grant in (*parsed("on tables"), *parsed("on database"))
        if grant["role"] == role
        for privilege in grant["privileges"].split(", ")
    }


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_has_one_of_the_forms_of_the_grammar(statement: str) -> None:
    fitting = [kind for kind, form in FORMS.items() if re.fullmatch(form, statement)]
    assert len(fitting) == 1


def test_the_reader_reads_results_and_nothing_else() -> None:
    assert granted("ab_reader_role") == {("SELECT", "flow_report_app")}


def test_no_other_statement_about_the_reader_names_a_database() -> None:
    about = [statement for statement in STATEMENTS if "ab_reader" in statement]
    named = {
        schema
        for statement in about
        for schema in {name.partition(".")[0] for name in fixed_tables()}
        if re.search(rf"\b{schema}\b", statement)
    }
    assert named == {"flow_report_app"}


def test_the_writer_may_do_in_our_databases_what_the_warehouse_does_and_no_more() -> None:
    everywhere = {"SELECT", "INSERT", "ALTER", "DROP", "CREATE TABLE"}
    databases = {name.partition(".")[0] for name in fixed_tables()}
    assert granted("ab_writer_role") == {
        *((privilege, database) for privilege in everywhere for database in databases),
        ("DELETE", "ab"),
    }


def test_every_database_is_made_before_it_is_granted() -> None:
    made = [found["database"] for found in parsed("create database")]
    assert sorted(made) == sorted({name.partition(".")[0] for name in fixed_tables()})
    places = [place for place, text in enumerate(STATEMENTS) if text.startswith("CREATE DATABASE")]
    grants = [place for place, text in enumerate(STATEMENTS) if " DATABASE " in text]
    assert places == grants[: len(places)]


def test_nobody_may_pass_a_privilege_on_or_touch_the_system() -> None:
    assert not re.search(r"WITH GRANT OPTION|ON SYSTEM|\bALL PRIVILEGES\b|CATALOG|\*", TEXT)


def test_each_user_has_its_role_from_the_login_on() -> None:
    roles = ["ab_writer_role", "ab_reader_role"]
    for kind in ("create role", "role to user", "default role"):
        assert [found["role"] for found in parsed(kind)] == roles


def test_the_file_cannot_be_run_without_passwords() -> None:
    """The first statement is the one that is refused, so that nothing is done by then."""
    assert re.fullmatch(FORMS["create user"], STATEMENTS[0])
    passwords = [found["password"] for found in parsed("create user")]
    assert len(passwords) == 2
    for password in passwords:
        # The grammar wants a string here.
        assert re.fullmatch(r"<[a-z_ ]+>", password)
        with pytest.raises(SqlglotError):
            sqlglot.parse_one(f"SELECT {password}", read="starrocks")


def test_the_grants_are_no_table() -> None:
    assert GRANTS_FILE.exists()
    assert GRANTS_FILE not in table_files()
