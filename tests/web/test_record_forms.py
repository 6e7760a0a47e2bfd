"""Writing scenarios, capabilities and products in forms, through the pages alone."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.records import make_member, make_organization, make_scenario, user_of

pytestmark = pytest.mark.django_db


def test_smoke(client: Client) -> None:
    host = make_organization()
    editor = make_member(host)
    client.force_login(user_of(editor))
    for path in ("/scenarios/new/", "/capabilities/new/", "/products/new/"):
        r = client.get(path)
        assert r.status_code == 200
    s = make_scenario(host)
    assert client.get(s.get_absolute_url()).status_code == 200
    assert client.get(s.get_absolute_url() + "edit/").status_code == 200
