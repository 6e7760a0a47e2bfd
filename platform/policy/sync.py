"""Brings seeded tables to the state that the seeds describe, and says what that changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import models

from policy.models import PolicyEdition, SeededModel


@dataclass(frozen=True)
class Row:
    """One desired row; ``many`` holds the members of its many-to-many fields."""

    code: str
    fields: dict[str, Any]
    many: dict[str, list[models.Model]] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """What happens to one row: ``added``, ``changed``, ``retired`` or ``restored``."""

    action: str
    kind: str
    code: str
    fields: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        what = f" ({', '.join(self.fields)})" if self.fields else ""
        return f"{self.action} {self.kind} {self.code}{what}"


class Sync:
    """Collects the desired rows model by model; ``retire_absent`` comes last."""

    def __init__(self, edition: PolicyEdition) -> None:
        self.edition = edition
        self.changes: list[Change] = []
        self._wanted: dict[type[SeededModel], set[str]] = {}
        self._known: dict[type[SeededModel], dict[str, SeededModel]] = {}

    def upsert(self, model: type[SeededModel], rows: Iterable[Row]) -> None:
        """Add and change rows; may be called again for the same model with further rows."""
        known = self._known.setdefault(model, {})
        if model not in self._wanted:
            known.update((each.code, each) for each in model._default_manager.all())
        wanted = self._wanted.setdefault(model, set())
        fresh: list[SeededModel] = []
        many: list[tuple[SeededModel, Row]] = []
        for row in rows:
            if row.code in wanted:
                raise ValueError(f"{model.__name__} {row.code} is given twice")
            wanted.add(row.code)
            existing = known.get(row.code)
            if existing is None:
                existing = model(code=row.code, since=self.edition, **row.fields)
                fresh.append(existing)
                known[row.code] = existing
                self._note("added", model, row.code)
            else:
                self._change(existing, row)
            many.append((existing, row))
        model._default_manager.bulk_create(fresh)
        self._set_members(model, many, {each.code for each in fresh})

    def instance(self, model: type[SeededModel], code: str) -> Any:
        """A row upserted before, for foreign keys."""
        return self._known[model][code]

    def retire_absent(self) -> None:
        for model, wanted in self._wanted.items():
            for code, existing in sorted(self._known[model].items()):
                if code not in wanted and existing.retired_in_id is None:
                    existing.retired_in = self.edition
                    existing.save(update_fields=["retired_in"])
                    self._note("retired", model, code)

    def _change(self, existing: SeededModel, row: Row) -> None:
        differing = [
            name for name, value in row.fields.items() if _stored(existing, name) != _plain(value)
        ]
        for name in differing:
            setattr(existing, name, row.fields[name])
        restored = existing.retired_in_id is not None
        existing.retired_in = None
        if differing or restored:
            existing.save(update_fields=[*differing, "retired_in"])
            # Moving up or down a list because of a neighbour is not news.
            named = [name for name in differing if name != "position"]
            if restored:
                self._note("restored", type(existing), row.code, named)
            elif named:
                self._note("changed", type(existing), row.code, named)

    def _set_members(
        self,
        model: type[SeededModel],
        rows: list[tuple[SeededModel, Row]],
        fresh: set[str],
    ) -> None:
        names = {name for _, row in rows for name in row.many}
        for name in names:
            through = getattr(model, name).through
            source = model._meta.get_field(name).m2m_field_name()  # type: ignore[union-attr]
            target = model._meta.get_field(name).m2m_reverse_field_name()  # type: ignore[union-attr]
            present: dict[int, set[int]] = {}
            for owner, member in through._default_manager.values_list(
                f"{source}_id", f"{target}_id"
            ):
                present.setdefault(owner, set()).add(member)
            added = []
            for existing, row in rows:
                wanted = {member.pk for member in row.many.get(name, [])}
                have = present.get(existing.pk, set())
                if wanted == have:
                    continue
                added += [
                    through(**{f"{source}_id": existing.pk, f"{target}_id": pk})
                    for pk in wanted - have
                ]
                through._default_manager.filter(
                    **{f"{source}_id": existing.pk, f"{target}_id__in": have - wanted}
                ).delete()
                if row.code not in fresh:
                    self._note("changed", model, row.code, [name])
            through._default_manager.bulk_create(added)

    def _note(
        self, action: str, model: type[SeededModel], code: str, fields: list[str] | None = None
    ) -> None:
        self.changes.append(Change(action, str(model._meta.model_name), code, fields or []))


def _stored(existing: SeededModel, name: str) -> Any:
    """The column's value; a foreign key's id, without loading what it points at."""
    return getattr(existing, getattr(existing._meta.get_field(name), "attname", name))


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value
