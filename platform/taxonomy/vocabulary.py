"""From what people write to concepts, cities and districts: names, other names and codes."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.db.models import Model

from common.errors import InvalidInput
from policy.queries import current, edition_key
from taxonomy.enums import ConceptStatus
from taxonomy.models import City, Concept, District

SUGGESTIONS = 3


@dataclass(frozen=True)
class Vocabulary:
    """Read once for a policy edition, asked for every cell of a file or every field of a form.

    ``concept``, ``city`` and ``district`` return codes and raise ValueError; ``id_of`` goes on
    from a code to the row. A name that several schemes have means the first of them in their
    order; another one is named as ``体系/标签``.
    """

    concepts: dict[str, str] = field(default_factory=dict)
    cities: dict[str, str] = field(default_factory=dict)
    districts: dict[tuple[str, str], str] = field(default_factory=dict)
    ids: dict[tuple[type[Model], str], int] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)  # ``体系/标签`` by a concept's code

    @classmethod
    def load(cls) -> Vocabulary:
        """Everything that records may be tagged with today."""
        return _of_edition(edition_key())

    @classmethod
    def read(cls) -> Vocabulary:
        """What the database says now; three queries."""
        vocabulary = cls()
        tags = (
            current(Concept)
            .exclude(status=ConceptStatus.RETIRED)
            .filter(scheme__retired_in=None)
            .select_related("scheme")
            .order_by("scheme__position", "position")
        )
        known = list(tags)
        # Preferred labels of all schemes come before other labels of any.
        for concept in known:
            scheme = concept.scheme
            names = [concept.code, concept.label]
            names += [f"{s}/{concept.label}" for s in (scheme.code, scheme.short_title)]
            vocabulary.ids[Concept, concept.code] = concept.pk
            vocabulary.titles[concept.code] = f"{scheme.short_title}/{concept.label}"
            vocabulary._name(vocabulary.concepts, names, concept.code)
        for concept in known:
            vocabulary._name(vocabulary.concepts, concept.alternatives, concept.code)
        for city in current(City):
            names = [city.code, city.name, city.name.removesuffix("市")]
            vocabulary._name(vocabulary.cities, names, city.code)
            vocabulary.ids[City, city.code] = city.pk
        for district in current(District).select_related("city"):
            names = [district.code, district.name, district.division_code]
            for name in filter(None, map(_plain, names)):
                vocabulary.districts.setdefault((district.city.code, name), district.code)
            vocabulary.ids[District, district.code] = district.pk
        return vocabulary

    @staticmethod
    def _name(known: dict[str, str], names: Iterable[str], code: str) -> None:
        for name in names:
            known.setdefault(_plain(name), code)

    def concept(self, text: str) -> str:
        """The code of the concept that ``text`` names."""
        return _find(self.concepts, text, "产业标签", "请从产业标签表中选用")

    def city(self, text: str) -> str:
        """The GB/T 2260 code of the city that ``text`` names."""
        return _find(self.cities, text, "城市", "应为广东省 21 个地级以上市之一")

    def district(self, city: str | None, text: str) -> str:
        """The code of the district of ``city`` (a code) that ``text`` names."""
        if city is None:
            raise ValueError("填写区之前请先填写城市")
        own = {name: code for (of, name), code in self.districts.items() if of == city}
        choice = f"可选：{'、'.join(n for n in own if _is_chinese(n))}"
        if not own:
            choice = "这个城市没有可选的区，请写进“地点”"
        if _plain(text) not in own and (place := self._district_elsewhere(text)):
            raise ValueError(f"{place}，不属于{_title(self.cities, city)}。{choice}")
        if not own:
            raise ValueError(choice)
        return _find(own, text, "区", choice)

    def _district_elsewhere(self, text: str) -> str:
        """Whose district ``text`` names, in words; empty when it names none of any city."""
        for (city, name), code in self.districts.items():
            if name == _plain(text):
                own = {name: code for (of, name), code in self.districts.items() if of == city}
                return f"{_title(own, code)}属于{_title(self.cities, city)}"
        return ""

    def id_of(self, model: type[Model], code: str) -> int:
        """The primary key of the row with ``code``; raises ValueError when there is none."""
        try:
            return self.ids[model, code]
        except KeyError:
            raise ValueError(f"没有代码为“{code}”的{model._meta.verbose_name}") from None

    def place(self, city: str | None, district: str | None) -> dict[str, int | None]:
        """``city_id`` and ``district_id`` of two codes; raises InvalidInput naming the field."""
        place: dict[str, int | None] = {"city_id": None, "district_id": None}
        try:
            if city:
                place["city_id"] = self.id_of(City, city)
            if district:
                place["district_id"] = self.id_of(District, self.district(city, district))
        except ValueError as error:
            field = "city" if city and place["city_id"] is None else "district"
            raise InvalidInput(f"{error}。", fields={field: [f"{error}。"]}) from None
        return place

    def concept_ids(self, codes: Iterable[str], field: str = "concepts") -> list[int]:
        """Rows of the concepts with these codes, in their order; InvalidInput names ``field``."""
        return self._ids(Concept, codes, field)

    def city_ids(self, codes: Iterable[str], field: str) -> list[int]:
        """Rows of the cities with these codes, in their order; InvalidInput names ``field``."""
        return self._ids(City, codes, field)

    def _ids(self, model: type[Model], codes: Iterable[str], field: str) -> list[int]:
        try:
            return [self.id_of(model, code) for code in codes]
        except ValueError as error:
            raise InvalidInput(f"{error}。", fields={field: [f"{error}。"]}) from None


@lru_cache(maxsize=2)
def _of_edition(key: tuple[int, str]) -> Vocabulary:
    return Vocabulary.read()


def _find(known: dict[str, str], text: str, noun: str, way_out: str) -> str:
    code = known.get(_plain(text))
    if code is not None:
        return code
    names = [name for name in known if _is_chinese(name)]
    near = difflib.get_close_matches(_plain(text), names, n=SUGGESTIONS, cutoff=0.5)
    hint = f"相近的有：{'、'.join(near)}" if near else way_out
    raise ValueError(f"没有名为“{text}”的{noun}。{hint}")


def _title(known: dict[str, str], code: str) -> str:
    """What people call the row with ``code``: the first of its names; the code if it has none."""
    return next((name for name, each in known.items() if each == code and _is_chinese(name)), code)


def _plain(text: str) -> str:
    """``text`` without what people vary: width, capitals, white space."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)
