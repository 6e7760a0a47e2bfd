"""One request of one actor: what came of it, what it wrote, and what it told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

# Bookkeeping of being signed in; all else that a refused request writes is a fault.
OF_THE_SESSION = {"django_session", "usersessions_usersession"}
# When a token was last used; no program writes anything else there.
OF_THE_TOKEN = {"tokens_apitoken"}
# Pages that ask who one is; that of the admin site refuses whoever is signed in already.
SIGN_IN = {"/accounts/login/", "/admin/login/"}
_WRITES = (
    "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
    " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
)
_STATUS = {400: "invalid", 401: "login", 403: "forbidden", 404: "absent", 405: "method"}
_STATUS |= {409: "conflict", 412: "conflict", 422: "invalid"}
# One for all: each would load the middleware, and with it every static file, anew.
_client = Client()
_CHANGING = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|[0-9a-f]{8}-[0-9a-f-]{27}')


@dataclass(frozen=True)
class Answer:
    """``outcome``: a word for what came of it; ``text`` is the body as it came.

    done (wrote something), shown (2xx or a redirect), login (asked to sign in), forbidden,
    absent, method, invalid, conflict.
    """

    outcome: str
    status: int
    text: str
    wrote: Mapping[str, int]
    path: str = ""

    @property
    def comparable(self) -> str:
        """The body without what differs at every request or names the record asked for."""
        text = self.text.replace(self.path, "").replace(quote(self.path), "")
        return _CHANGING.sub("", text)


class Caller:
    """Somebody at the door: a visitor, a person with a session, or a program with a token."""

    def __init__(self, session: str = "", token: str = "") -> None:
        self.session = session
        self.token = token

    def call(self, method: str, path: str, data: Any = None) -> Answer:
        """Carry out one request and undo it."""
        _client.cookies.clear()
        if self.session:
            _client.cookies[settings.SESSION_COOKIE_NAME] = self.session
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with undone():
            before = _writes()
            answer = _client.generic(method, path, **_sent(path, method, data), headers=headers)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            wrote = _difference(_writes(), before)
        for table in OF_THE_TOKEN if self.token else OF_THE_SESSION:
            wrote.pop(table, None)
        text = body.decode("utf-8", "replace")
        return Answer(_outcome(answer, wrote), answer.status_code, text, wrote, path)


@contextmanager
def undone() -> Iterator[None]:
    """As in Django's own test case: uploads insist on being the outermost transaction."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def _sent(path: str, method: str, data: Any) -> dict[str, Any]:
    """JSON for the API, a form for pages; files in a form are (name, content, type)."""
    if method == "GET":
        return {}
    if path.startswith("/api/"):
        return {"data": json.dumps(data or {}), "content_type": "application/json"}
    fields = {
        name: SimpleUploadedFile(*value) if isinstance(value, tuple) else value
        for name, value in (data or {}).items()
    }
    return {"data": encode_multipart(BOUNDARY, fields), "content_type": MULTIPART_CONTENT}


def _writes() -> dict[str, int]:
    """Rows written by table, in the present transaction so far."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITES)
        return dict(cursor.fetchall())


def _difference(after: dict[str, int], before: dict[str, int]) -> dict[str, int]:
    found = {table: count - before.get(table, 0) for table, count in after.items()}
    return {table: count for table, count in found.items() if count}


def _outcome(answer: HttpResponseBase, wrote: Mapping[str, int]) -> str:
    if answer.status_code in _STATUS:
        return _STATUS[answer.status_code]
    if answer.status_code not in {301, 302, 303} and not 200 <= answer.status_code < 300:
        return str(answer.status_code)
    if wrote:
        return "done"
    asks = urlsplit(answer.headers.get("Location", "")).path in SIGN_IN
    return "login" if asks else "shown"
