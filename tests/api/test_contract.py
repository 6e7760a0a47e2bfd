"""What the description promises holds for generated requests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from capabilities.facts import ProductFacts
from capabilities.services import create_product
from matching.services import rank_all
from tests.records import (
    GUANGZHOU,
    make_application,
    make_capability,
    make_member,
    make_organization,
    make_scenario,
    user_of,
)

schema = schemathesis.openapi.from_path(django_settings.ROOT / "tests" / "api" / "openapi.yaml")
schema.app = get_wsgi_application()
# Bad requests are written out in test_facts.py: generated ones hold some that a query string
# cannot carry (an empty object as page number is no parameter at all) and blame the answer.
schema.config.generation.update(modes=[schemathesis.GenerationMode.POSITIVE])
GENERATED = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


# By name; as pytest's own parameters: of the tests that schemathesis makes of itself, subtests,
# pytest-xdist counts none and loses what fails.
OPERATIONS = {
    found.ok().label: found.ok()  # type: ignore[union-attr]
    for found in schema.get_all_operations()
}
UNKNOWN_CODES = [positive_data_acceptance]


def _for_each_case(name: str, check: Callable[[schemathesis.Case], object]) -> None:
    @GENERATED
    @given(case=OPERATIONS[name].as_strategy())
    def checked(case: schemathesis.Case) -> None:
        check(case)

    checked()


@pytest.fixture
def kept_connection(db: None) -> Iterator[None]:
    """The application closes its connection after each request; here it is the test's own."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("kept_connection")
@pytest.mark.parametrize("name", OPERATIONS)
def test_answers_keep_to_the_description(name: str) -> None:
    # A code of the right form that names nothing is refused: no schema can list the codes.
    _for_each_case(name, lambda case: case.call_and_validate(excluded_checks=UNKNOWN_CODES))


@pytest.fixture
def own(kept_connection: None) -> dict[str, Any]:
    """What somebody signs in with, and ids of what that person may write."""
    host = make_organization()
    product = create_product(
        organization=host,
        facts=ProductFacts(name="机器人", kind="product"),
        actor=make_member(host),
    )
    client = Client()
    client.force_login(user_of(make_member(host)))
    token = "t" * 32
    draft = make_application(capability=make_capability(host), submitted=False)
    return {
        "cookies": {"sessionid": client.cookies["sessionid"].value, "csrftoken": token},
        "headers": {"X-CSRFToken": token},
        "organization": str(host.public_id),
        "scenarios": str(make_scenario(host, published=False).public_id),
        "capabilities": str(make_capability(host, published=False).public_id),
        "products": str(product.public_id),
        "applications": str(draft.public_id),
        # What an application answers, and with what.
        "scenario": str(make_scenario().public_id),
        "capability": str(draft.capability.public_id),
    }


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name[:3] in {"POS", "PUT"}])
def test_answers_to_members_keep_to_the_description(name: str, own: dict[str, Any]) -> None:
    """Generated bodies on one's own records, so that they come past the refusals of strangers."""
    # The check of sign-in takes the session for one that it has made up.
    excluded = [*UNKNOWN_CODES, ignored_auth]

    def check(case: schemathesis.Case) -> None:
        noun = case.path.split("/")[3]
        if noun in own and "public_id" in case.path_parameters:
            case.path_parameters["public_id"] = own[noun]
        if isinstance(case.body, dict):
            named = {"organization", "scenario", "capability"} & set(case.body)
            case.body |= {name: own[name] for name in named}
        for header in ("If-Match", "Authorization"):
            case.headers.pop(header, None)
        sent = {name: own[name] for name in ("headers", "cookies")}

        answer = case.call_and_validate(excluded_checks=excluded, **sent)

        assert answer.status_code != 401
        if answer.status_code == 403:
            assert answer.json()["code"] == "forbidden"  # signed in, and the token was taken

    _for_each_case(name, check)


@pytest.mark.usefixtures("kept_connection")
def test_records_keep_to_the_description() -> None:
    """No generated id names a record, so records are made here: a full one and a bare one."""
    host, supplier = make_organization(), make_organization(seat="香港")
    tags = {"concepts": ["gd-2024-embodied-robots"]}
    full = {"city": GUANGZHOU, "kind": "first_trial", "call_mode": "race", "budget_max_fen": 100}
    needs = [{"strength": "must", "text": "整机", "concept": "gd-2024-embodied-robots"}]
    scenario = make_scenario(host, **tags, **full, needs=needs, goals=[{"indicator": "节拍"}])
    capability = make_capability(supplier, **tags, readiness=7, cases=[{"title": "案例"}])
    bare = {"scenarios": make_scenario(), "capabilities": make_capability()}
    rank_all()

    for noun, record in (("scenarios", scenario), ("capabilities", capability)):
        schema[f"/api/v1/{noun}/"]["GET"].Case().call_and_validate()
        for path in ("{public_id}/", "{public_id}/matches/", "{public_id}/ranked-by/"):
            operation = schema[f"/api/v1/{noun}/{path}"]["GET"]
            for each in (record, bare[noun]):
                case = operation.Case(path_parameters={"public_id": str(each.public_id)})
                assert case.call_and_validate().status_code == 200


def test_applications_keep_to_the_description(own: dict[str, Any]) -> None:
    rank_all()
    sent = {name: own[name] for name in ("headers", "cookies")}

    for path in ("", "{public_id}/"):
        case = schema[f"/api/v1/applications/{path}"]["GET"].Case(
            path_parameters={"public_id": own["applications"]} if path else {}
        )
        # It takes the session for one that it has made up.
        answer = case.call_and_validate(excluded_checks=[ignored_auth], **sent)
        assert answer.status_code == 200
