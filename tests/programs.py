"""Programs that use the API, and what they must not write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.test import Client

from common.actor import Actor
from common.models import PublicModel
from tests.records import user_of

TOKEN = "t" * 32


class Program:
    """A client that signs in like a browser and sends JSON; CSRF is enforced."""

    def __init__(self, actor: Actor | None = None, *, token: str = TOKEN) -> None:
        self.client = Client(enforce_csrf_checks=True)
        if actor is not None:
            self.client.force_login(user_of(actor))
        self.client.cookies["csrftoken"] = TOKEN
        self.token = token

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The response; ``body`` may also be text, sent as it is."""
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        given = {"data": "" if body is None else text, "content_type": "application/json"}
        return self.client.generic(
            method, path, **given, headers={"X-CSRFToken": self.token, **headers}
        )

    def get(self, path: str, status: int = 200) -> Any:
        return self._read(self.send("GET", path), status)

    def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        return self._read(self.send("POST", path, body, **headers), status)

    def put(self, path: str, body: Any, status: int = 200, **headers: str) -> Any:
        return self._read(self.send("PUT", path, body, **headers), status)

    @staticmethod
    def _read(response: Any, status: int) -> Any:
        assert response.status_code == status, response.content.decode()
        kind = "application/json" if status < 400 else "application/problem+json"
        assert response.headers["Content-Type"] == kind
        answer = json.loads(response.content)
        if status >= 400:
            assert answer["status"] == status
        return answer


def faults(problem: Any) -> dict[str, str]:
    return {error["field"]: error["message"] for error in problem["errors"]}


@contextmanager
def nothing_written() -> Iterator[None]:
    """No row appears or goes, audit events and messages included, and no record changes."""

    def rows() -> dict[type[Model], Any]:
        return {
            model: (
                list(model._default_manager.order_by("pk").values())
                if issubclass(model, PublicModel)
                else model._default_manager.count()
            )
            for model in apps.get_models()
        }

    before = rows()
    yield
    assert rows() == before
