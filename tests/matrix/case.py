"""What is asked at one address: about which records, with which body.

The bodies are good ones, so that whoever is refused is refused for who they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from tests.catalogues import day
from tests.matrix.world import ABSENT, SIDES, World
from tests.web.browser import typed

# What a request says, by world and side; what its address names, likewise.
Body = Callable[[World, str], dict[str, Any]]
Place = Callable[[World, str], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """One address with one record, or none: ``variant`` tells cases of one route apart.

    ``place`` gives what the address names for a side (own, rival, absent); without it there is
    one address for everybody. ``bodies`` by method; methods that are not there are asked without.
    ``literal`` is the path of a route without a name, with the same names in it. ``is_public``:
    what the address names is a fact for everybody, which has no sides.
    """

    route: str
    variant: str = ""
    place: Place | None = None
    bodies: tuple[tuple[str, Body], ...] = ()
    query: str = ""
    literal: str = ""
    is_public: bool = False

    @property
    def name(self) -> str:
        return f"{self.route}[{self.variant}]" if self.variant else self.route

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api:")

    @property
    def is_inside(self) -> bool:
        return isinstance(self.place, Inside)

    @property
    def sides(self) -> tuple[str, ...]:
        return (*SIDES, "absent") if self.place and not self.is_public else ("-",)

    def path(self, world: World, side: str) -> str:
        given = self.place(world, side) if self.place else {}
        if self.literal:
            return self.literal.format(**given)
        return reverse(self.route, kwargs=given) + self.query

    def body(self, method: str, world: World, side: str) -> dict[str, Any] | None:
        """For an absent record, what would be said about one's own."""
        for name, build in self.bodies:
            if name == method:
                return build(world, "own" if side == "absent" else side)
        return None


def post(body: Body) -> tuple[tuple[str, Body], ...]:
    return (("POST", body),)


def put(body: Body) -> tuple[tuple[str, Body], ...]:
    return (("PUT", body),)


def of(kind: str, key: str = "public_id", **more: Any) -> Place:
    """The record of that kind on each side, by its public id."""

    def place(world: World, side: str) -> dict[str, Any]:
        found = ABSENT if side == "absent" else world.records[kind][side].public_id
        return {key: found, **more}

    return place


@dataclass(frozen=True)
class Inside:
    """A record below another. ``absent`` is the rival's below one's own, where it is not."""

    outer: str
    kind: str
    key: str
    step: str = ""

    def __call__(self, world: World, side: str) -> dict[str, Any]:
        outer, inner = ("own", "rival") if side == "absent" else (side, side)
        return {
            "public_id": world.records[self.outer][outer].public_id,
            self.key: world.records[self.kind][inner].public_id,
            **({"step": self.step} if self.step else {}),
        }


def coded(kind: str, key: str = "code", absent: str = "absent", **more: Any) -> Place:
    """By its code or number; ``absent`` is one that nothing has."""

    def place(world: World, side: str) -> dict[str, Any]:
        found = absent if side == "absent" else getattr(world.records[kind][side], key)
        return {key: found, **more}

    return place


def by_key(kind: str, key: str) -> Place:
    """By the number of its row."""

    def place(world: World, side: str) -> dict[str, Any]:
        return {key: 999_999_999 if side == "absent" else world.records[kind][side].pk}

    return place


def said(**values: Any) -> Body:
    return lambda world, side: values


def dated(**days: int) -> Body:
    """Days from today on; the database knows which day it is."""
    return lambda world, side: {name: str(day(number)) for name, number in days.items()}


def filled(route: str, place: Place, caller: str, **changes: Any) -> Body:
    """What a browser sends of the form at the address as it is shown to ``caller``.

    Of the rival's record it is shown to the rival, unless the caller is no member anyway.
    """

    def build(world: World, side: str) -> dict[str, Any]:
        is_member = caller in {"owner", "editor"}
        who = "rival" if side == "rival" and is_member else caller
        path = reverse(route, kwargs=place(world, side))
        page = world.callers[who].call("GET", path)
        assert page.status == 200, (route, side, who, page.status)
        values: dict[str, Any] = dict(typed(page.text))
        return values | changes

    return build


def begun(route: str, **changes: Any) -> Body:
    """What an editor's browser sends of a form on which something of the own organization begins.

    It names that organization: whoever else sends it is refused.
    """

    def build(world: World, side: str) -> dict[str, Any]:
        query = f"?organization={world.organizations['own'].public_id}"
        page = world.callers["editor"].call("GET", reverse(route) + query)
        values: dict[str, Any] = dict(typed(page.text))
        return values | changes

    return build


def in_the_name_of_own(**values: Any) -> Body:
    """The same for programs."""
    return lambda world, side: {
        "organization": str(world.organizations["own"].public_id),
        **values,
    }
