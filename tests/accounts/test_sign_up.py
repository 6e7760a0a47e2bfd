"""Opening one's own account, and whose an address is."""

import pytest

from accounts.consents import VERSIONS
from accounts.enums import ConsentKind
from accounts.models import Consent, User
from accounts.sign_up import has_account, remove_unproven, sign_up
from audit.models import AuditEvent
from common.errors import Conflict, InvalidInput

pytestmark = pytest.mark.django_db

PASSWORD = "海上升明月-2026"


def join(email: str = "li@example.org", **values: object) -> User:
    return sign_up(**{"email": email, "name": "李明", "password": PASSWORD, **values})  # type: ignore[arg-type]


def test_account_waits_for_its_address_to_be_verified() -> None:
    person = join(" LI@example.org ")

    kept = User.objects.get(pk=person.pk)
    assert (kept.email, kept.name, kept.is_active) == ("li@example.org", "李明", True)
    assert kept.check_password(PASSWORD)
    assert [*kept.emailaddress_set.values_list("email", "primary", "verified")] == [
        ("li@example.org", True, False)
    ]


def test_consents_keep_version_and_time_and_are_told() -> None:
    person = join(shares_contacts=True)

    assert {*Consent.objects.values_list("user", "kind", "version", "withdrawn_at")} == {
        (person.pk, kind, VERSIONS[kind], None) for kind in ConsentKind
    }
    assert [*AuditEvent.objects.order_by("pk").values_list("verb", flat=True)][-3:] == [
        "accounts.user.sign_up",
        "accounts.user.give_consent",
        "accounts.user.give_consent",
    ]


def test_sharing_of_contacts_is_not_agreed_to_by_signing_up() -> None:
    join()

    assert [*Consent.objects.values_list("kind", flat=True)] == [ConsentKind.TERMS]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": "li"}, "email"),
        ({"name": "李" * 61}, "name"),
        ({"password": "12345678"}, "password"),
        ({"password": "li@example.org"}, "password"),
    ],
)
def test_faults_stand_at_their_field(values: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        join(**values)
    assert list(refused.value.fields) == [field]
    assert not User.objects.exists()


def test_address_in_use_is_a_conflict() -> None:
    join()

    with pytest.raises(Conflict):
        join("LI@example.org")
    assert User.objects.count() == 1


def test_address_to_which_somebody_wants_to_change_is_free_until_it_is_verified() -> None:
    other = User.objects.create_user("wang@example.org")
    address = other.emailaddress_set.create(email="li@example.org")

    assert not has_account("li@example.org")
    person = join()
    assert has_account("LI@example.org")
    assert has_account("wang@example.org")

    person.delete()
    address.verified = True
    address.save()
    assert has_account("li@example.org")


def test_whoever_proves_the_address_takes_it_from_whoever_typed_it() -> None:
    squatter = join()
    owner = User.objects.create_user("wang@example.org")

    remove_unproven("li@example.org", keep=owner.pk)

    assert not User.objects.filter(pk=squatter.pk).exists()
    remove_unproven("wang@example.org", keep=0)
    assert User.objects.filter(pk=owner.pk).exists()
