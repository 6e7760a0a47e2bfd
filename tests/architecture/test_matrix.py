"""The permission matrix itself: nothing is left out of it, and it finds what it is there for."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.matrix.cells import Answer
from tests.matrix.collection import all_cases
from tests.matrix.routes import all_routes, methods_of
from tests.matrix.runner import CLOSED, Cell, asked, faults_of, told_apart
from tests.matrix.table import Table, read_table
from tests.matrix.world import ACTORS, canary

# Whatever no other route takes, answered by "not found".
CATCH_ALL = {"admin:admin/(?P<url>.*)$", "api/"}
# Pages of the admin site that would write, which nobody gets.
WRITING = ("_add", "_delete")
# What writes nothing in the one request that the matrix makes of it: it goes on from an earlier
# request of the same session, signs a challenge of one, or changes the session or sends a mail
# alone. The positive case of each is a test of its own.
PROVEN_BY = {
    "account_consent": "web/test_sign_up.py::test_person_who_never_agreed_is_asked_at_sign_in",
    "account_email_verification_sent": "web/test_sign_up.py::test_mail_that_got_lost_is_sent_again",
    "account_logout": "web/test_sign_in.py::test_signing_out_ends_the_session",
    "account_reauthenticate": "web/test_second_factor.py::test_app_is_set_up_after_proving_again",
    "account_reset_password": "web/test_sign_in.py::test_reset_by_the_link_in_the_mail_once",
    "account_reset_password_from_key": "web/test_sign_in.py"
    "::test_reset_by_the_link_in_the_mail_once",
    "mfa_activate_totp": "web/test_second_factor.py::test_app_is_set_up_after_proving_again",
    "mfa_authenticate": "web/test_second_factor.py::test_code_signs_in_and_rotates_the_session",
    "mfa_add_webauthn": "web/test_second_factor.py::test_passkey_is_added_and_signs_in_alone",
    "mfa_login_webauthn": "web/test_second_factor.py::test_passkey_is_added_and_signs_in_alone",
    "mfa_reauthenticate_webauthn": "web/test_second_factor.py::test_passkey_proves_again",
}


def test_every_address_is_in_the_matrix() -> None:
    routes = {route.name for route in all_routes()}

    assert {case.route for case in all_cases()} == routes - CATCH_ALL
    assert routes >= CATCH_ALL


def test_every_operation_of_the_api_description_is_in_the_matrix() -> None:
    described = SchemaGenerator().get_schema(public=True)["paths"]  # type: ignore[no-untyped-call]
    operations = {
        (re.sub(r"\{\w+\}", "{}", path), method.upper())
        for path, methods in described.items()
        for method in methods
    }
    routed = {
        (f"/{_plain(route.path)}", method)
        for route in all_routes()
        if route.name.startswith("api:")
        for method in route.methods
    }

    assert routed == operations


def _plain(path: str) -> str:
    return re.sub(r"\(\?P<\w+>.+?\)(?=/)", "{}", path).replace("^", "").replace("$", "")


def test_the_table_says_all_of_the_cases_and_nothing_else() -> None:
    assert {*read_table()} == {name for case in all_cases() for name in asked(case)}


def test_what_can_be_read_at_all_is_shown_to_somebody() -> None:
    closed = {name for name in _routes() if name.startswith("admin:") and name.endswith(WRITING)}
    closed.add("admin:view_on_site")  # no model of the site has a page

    assert {name for name in _routes() if not _somebody_gets("GET", name)} == closed


def test_what_can_be_written_at_all_is_written_by_somebody() -> None:
    written = {name for name in _routes() if not name.startswith("admin:")}

    assert {name for name in written if not _somebody_writes(name)} == {*PROVEN_BY}


def test_positive_cases_elsewhere_are_there() -> None:
    for node in PROVEN_BY.values():
        path, name = node.split("::")
        module = import_module(f"tests.{path.removesuffix('.py').replace('/', '.')}")

        assert callable(getattr(module, name)), node


def test_nothing_is_written_through_the_admin_site() -> None:
    through = {name for name in _routes() if name.startswith("admin:")}

    assert not [name for name in through if "done" in _outcomes("POST", name)]


def _routes() -> set[str]:
    return {case.route for case in all_cases()}


def _somebody_gets(method: str, route: str) -> bool:
    outcomes = _outcomes(method, route)
    return outcomes <= CLOSED or bool(outcomes & {"shown", "done"})


def _somebody_writes(route: str) -> bool:
    """By every method that the address has and that writes."""
    found = [_outcomes(method, route) for method in methods_of(route) if method != "GET"]
    return all(outcomes <= CLOSED or "done" in outcomes for outcomes in found)


@cache
def _table() -> Table:
    return read_table()


def _outcomes(method: str, route: str) -> set[str]:
    return {
        outcome
        for case in all_cases()
        if case.route == route
        for line in _table().get(f"{method} {case.name}", {}).values()
        for outcome in line.values()
    }


def cell(side: str, actor: str, outcome: str, text: str = "", **wrote: int) -> Cell:
    return Cell(side, actor, Answer(outcome, 404 if outcome == "absent" else 200, text, wrote))


NAME = "POST scenario_edit"
TABLE = {"own": dict.fromkeys(ACTORS, "absent")}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (cell("own", "newcomer", "absent"), []),
        (cell("own", "newcomer", "shown"), ["shown (200), expected absent"]),
        (cell("rival", "newcomer", "absent"), ["absent (404), expected nothing stated"]),
        (
            cell("own", "newcomer", "absent", audit_auditevent=1),
            ["wrote {'audit_auditevent': 1}"],
        ),
        (
            cell("own", "newcomer", "absent", f"<p>{canary('record', 'own')}</p>"),
            [f"was told {canary('record', 'own')}"],
        ),
        (cell("own", "editor", "absent", canary("record", "own")), []),
    ],
)
def test_each_kind_of_fault_is_found(found: Cell, said: list[str]) -> None:
    who = f"{NAME} {found.side} {found.actor}: "

    assert list(faults_of(NAME, found, TABLE)) == [who + each for each in said]


def test_a_record_of_others_must_answer_like_an_absent_one() -> None:
    absent = cell("absent", "rival", "absent", "not found")
    alike = cell("own", "rival", "absent", "not found")
    told = cell("own", "rival", "absent", "not yours")

    assert list(told_apart(NAME, [alike, absent])) == []
    assert list(told_apart(NAME, [told, absent])) == [
        f"{NAME} own rival: not like an absent record"
    ]
