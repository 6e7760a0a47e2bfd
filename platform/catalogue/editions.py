"""What an edition says, and what changed between two: values in, values out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from capabilities.enums import ProductKind
from capabilities.models import Product
from common.money import say_fen
from organizations.enums import IdentifierScheme

_INVENTED = "（演示）"


@dataclass(frozen=True)
class Announcement:
    """What a notice tells of a product, and what is then listed, whatever it says of itself later.

    Its price may move.
    """

    name: str
    kind: str
    model_number: str
    summary: str

    @classmethod
    def of(cls, product: Product) -> Announcement:
        return cls(product.name, product.kind, product.model_number, product.summary)

    @property
    def kind_label(self) -> str:
        return str(ProductKind(self.kind).label)

    @property
    def fingerprint(self) -> str:
        return fingerprint([self])


@dataclass(frozen=True)
class Entry:
    """One product of an edition; ``item_id`` says which item of the catalogue it is."""

    item_id: int
    product_name: str
    kind: str
    model_number: str
    summary: str
    price_min_fen: int | None
    price_max_fen: int | None
    organization_name: str
    identifier_scheme: str
    identifier: str
    is_demonstration: bool
    notice_from: date
    notice_to: date
    grounds: str

    @property
    def supplier(self) -> str:
        """The name of the supplier, and whether it is invented."""
        return self.organization_name + (_INVENTED if self.is_demonstration else "")

    @property
    def kind_label(self) -> str:
        return str(ProductKind(self.kind).label)


@dataclass(frozen=True)
class Difference:
    """One thing that two editions say differently of a product."""

    label: Promise
    before: str
    after: str


@dataclass(frozen=True)
class Changed:
    entry: Entry
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Changes:
    """From one edition to the next; each list in the order of the edition that it is taken from."""

    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    changed: tuple[Changed, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def say_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def say_price(lower: int | None, upper: int | None) -> str:
    """Empty when neither end is stated."""
    if lower is None and upper is None:
        return ""
    if upper is None:
        return f"{say_fen(lower or 0)}以上"
    if lower is None:
        return f"不超过 {say_fen(upper)}"
    return say_fen(lower) if lower == upper else f"{say_fen(lower)} – {say_fen(upper)}"


# The columns of an official list, each with the text that it shows.
COLUMNS: tuple[tuple[Promise, Callable[[Entry], str]], ...] = (
    (_("产品"), lambda entry: entry.product_name),
    (_("类别"), lambda entry: entry.kind_label),
    (_("型号"), lambda entry: entry.model_number),
    (_("简介"), lambda entry: entry.summary),
    (_("价格"), lambda entry: say_price(entry.price_min_fen, entry.price_max_fen)),
    (_("供给单位"), lambda entry: entry.supplier),
    (_("证件类型"), lambda entry: str(IdentifierScheme(entry.identifier_scheme).label)),
    (_("证件号码"), lambda entry: entry.identifier),
    (_("公示开始"), lambda entry: say_day(entry.notice_from)),
    (_("公示结束"), lambda entry: say_day(entry.notice_to)),
    (_("推荐理由"), lambda entry: entry.grounds),
)


def compare(before: Sequence[Entry], after: Sequence[Entry]) -> Changes:
    """What a reader of ``before`` has to learn to know ``after``; places do not count."""
    old = {entry.item_id: entry for entry in before}
    new = {entry.item_id for entry in after}
    return Changes(
        added=tuple(entry for entry in after if entry.item_id not in old),
        removed=tuple(entry for entry in before if entry.item_id not in new),
        changed=tuple(
            Changed(entry, _differences(old[entry.item_id], entry))
            for entry in after
            if entry.item_id in old and entry != old[entry.item_id]
        ),
    )


def _differences(before: Entry, after: Entry) -> tuple[Difference, ...]:
    said = ((label, say(before), say(after)) for label, say in COLUMNS)
    return tuple(Difference(label, old, new) for label, old, new in said if old != new)


def fingerprint(entries: Sequence[Entry | Announcement]) -> str:
    """SHA-256 of what ``entries`` say, in that order."""
    said = [asdict(entry) for entry in entries]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
