"""A whole site behind gunicorn, and a real browser that reports what a person would not see."""

from __future__ import annotations

import os
import re
import shutil
import socket
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Playwright, expect, sync_playwright

from tests.conftest import address_of, cloned_database, redis_address
from tests.processes import (
    DEFAULT_QUEUE,
    MATCHING_QUEUE,
    RELAY,
    process,
    start_worker,
    wait_until,
)
from tests.records import totp_code

# Without these Chromium tries to call home at every start.
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (1280, 390)
PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        reason = "Chromium is not installed (on Debian: apt-get install chromium fonts-noto-cjk)"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}; CI must run the browser tests.")
        pytest.skip(reason)
    with playwright.chromium.launch(executable_path=path, args=FLAGS) as launched:
        yield launched


@pytest.fixture
def environment(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """As other processes have it, and where the site stands that mails lead to."""
    return {**environment, **own_address(), "SCENEBRIDGE_TEST_MAILS": str(tmp_path / "mails")}


@pytest.fixture
def mailbox(environment: dict[str, str]) -> Mailbox:
    return Mailbox(Path(environment["SCENEBRIDGE_TEST_MAILS"]))


@pytest.fixture
def site(environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The address of a site that serves this test's own database."""
    with serving(environment, tmp_path) as address:
        yield address


@pytest.fixture(scope="module")
def facts_site(
    django_db_setup: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A site with the policy facts alone, for all tests of a module that only read."""
    with cloned_database(request.node.nodeid) as database:
        environment = {"DATABASE_URL": address_of(database), "REDIS_URL": redis_address()}
        environment |= own_address()
        with serving(environment, tmp_path_factory.mktemp("site")) as address:
            yield address


def own_address() -> dict[str, str]:
    """By name: browsers make passkeys for no bare number."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return {"SCENEBRIDGE_BASE_URL": f"http://localhost:{probe.getsockname()[1]}"}


@contextmanager
def serving(environment: dict[str, str], folder: Path) -> Iterator[str]:
    address = environment["SCENEBRIDGE_BASE_URL"]
    bound = f"127.0.0.1:{urlsplit(address).port}"
    command = ["-m", "gunicorn", "config.wsgi", "--bind", bound, "--threads", "4"]
    with process([*command, "--no-control-socket"], environment, folder / "web.log"):
        wait_until(lambda: _answers(bound), what="the site")
        yield address


@pytest.fixture
def ranking(environment: dict[str, str], tmp_path: Path) -> Iterator[None]:
    """Relay and worker beside the site: what changes is ranked within seconds."""
    with _consuming(environment, tmp_path, DEFAULT_QUEUE, MATCHING_QUEUE):
        yield


@pytest.fixture
def news(environment: dict[str, str], tmp_path: Path) -> Iterator[None]:
    """Relay and worker beside the site: what happens is told, on the site and by mail."""
    with _consuming(environment, tmp_path, DEFAULT_QUEUE):
        yield


@contextmanager
def _consuming(environment: dict[str, str], folder: Path, *queues: str) -> Iterator[None]:
    with process(RELAY, environment, folder / "relay.log"):
        worker = start_worker(environment, folder, *queues)
        try:
            yield
        finally:
            worker.kill()  # a warm end takes seconds, and nobody needs what it left


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:  # not up yet, or too busy to answer in time
        return False


@dataclass
class Mailbox:
    """All mail that the site's processes sent: a file each."""

    folder: Path

    def link(self, to: str, words: str) -> str:
        """The address on the site that the newest such mail to somebody leads to, once it came."""
        wait_until(lambda: self._links(to, words), what=f"a mail to {to}: {words}")
        return self._links(to, words)[-1]

    def _links(self, to: str, words: str) -> list[str]:
        found = []
        for file in sorted(self.folder.glob("*.log"), key=lambda each: each.stat().st_mtime):
            # Django ends each mail with such a line; what follows the last is not written yet.
            for text in file.read_bytes().split(b"\n" + 79 * b"-" + b"\n")[:-1]:
                mail = message_from_bytes(text, EmailMessage, policy=policy.default)
                body = mail.get_body(("plain",))
                if body and mail["To"] == to and words in mail["Subject"]:
                    found += re.findall(r"^http\S+$", body.get_content(), re.MULTILINE)[:1]
        return found


@dataclass
class Visitor:
    """A page that remembers every console error and every request to another host."""

    page: Page
    site: str
    faults: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("request", self._request)

    def _console(self, message) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(f"console {message.type}: {message.text}")

    def _request(self, request) -> None:
        if not request.url.startswith((self.site, "data:")):
            self.faults.append(f"request to another host: {request.url}")

    def open(self, path: str) -> None:
        self.page.goto(self.site + path, wait_until="networkidle")

    def sign_in(self, email: str) -> None:
        """As a person made with PASSWORD does it, from the front door."""
        self.open("/accounts/login/?next=/my/")
        self.page.get_by_label("电子邮箱").fill(email)
        self.page.get_by_label("密码", exact=True).fill(PASSWORD)
        self.press("登录")
        if "/second-factor/" in self.page.url:
            self.page.get_by_label("验证码").fill(totp_code())
            self.press("登录")
        if "/consent/" in self.page.url:
            self.page.get_by_label("我已阅读并同意").check()
            self.press("同意并继续")
        self.page.wait_for_url("**/my/")

    def press(self, button: str) -> None:
        """A button of the page that leads to another page, or to this one with what came of it."""
        self.follow(self.page.locator("main").get_by_role("button", name=button, exact=True))

    def sign_out(self) -> None:
        self.unfold_menu()
        self.follow(self.page.get_by_role("banner").get_by_role("button", name="退出"))

    def follow(self, link: Locator) -> None:
        """Click what leads to another page, and wait until that one is there."""
        with self.page.expect_navigation(wait_until="load"):
            link.click()

    def unfold_menu(self) -> None:
        menu = self.page.get_by_role("button", name="菜单")
        if menu.is_visible() and menu.get_attribute("aria-expanded") != "true":
            menu.click()

    def check(self) -> None:
        """The page as it stands: no serious axe finding, nothing wider than the window."""
        expect(self.page.locator(".htmx-request")).to_have_count(0)  # it looks faint
        found = Axe().run(self.page)
        serious = [
            f"{each['id']}: {each['nodes'][0]['target']}"
            for each in found.response["violations"]
            if each["impact"] in {"serious", "critical"}
        ]
        assert serious == [], self.page.url
        overflow = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0, f"{self.page.url} is {overflow} px too wide"
        assert self.faults == [], self.page.url


@pytest.fixture(params=WIDTHS, ids=[f"{width}px" for width in WIDTHS])
def arriving(
    browser: Browser, site: str, request: pytest.FixtureRequest
) -> Iterator[Callable[[], Visitor]]:
    """Brings one more person to the site, each with a browser that knows nothing of the others."""
    with ExitStack() as stack:

        def arrive() -> Visitor:
            context = browser.new_context(
                viewport={"width": request.param, "height": 900},
                locale="zh-CN",
                timezone_id="Asia/Tokyo",
            )
            stack.callback(context.close)
            visitor = Visitor(context.new_page(), site)
            visitor.watch()
            return visitor

        yield arrive


@pytest.fixture
def visitor(arriving: Callable[[], Visitor]) -> Visitor:
    return arriving()
