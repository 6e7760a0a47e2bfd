"""People who read and use pages, without a browser."""

from __future__ import annotations

from django.test import Client

from common.actor import Actor
from tests.records import user_of


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(user_of(actor))
    return client


def read(client: Client, path: str, status: int = 200) -> str:
    """The page as text."""
    response = client.get(path)
    assert response.status_code == status, path
    return str(response.content.decode())
