"""What the inbox and its settings send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules import is_administrator
from common.actor import Actor
from notifications.enums import DEFAULT_MODES, OF_ORGANIZATIONS, Category, Mode
from notifications.queries import Wishes
from organizations.models import Organization
from organizations.queries import own_organizations
from web.forms.fields import VersionField

MEANING: dict[Category, str | Promise] = {
    Category.WORK: _("等待您审核的场景和组织"),
    Category.REVIEW: _("贵单位场景的发布、退回和结束"),
    Category.APPLICATIONS: _("收到的申请，以及对贵单位申请的答复"),
    Category.CATALOGUE: _("贵单位产品在首购目录中的进展"),
    Category.MEMBERSHIP: _("组织的核验，成员和角色的变动"),
    Category.SECURITY: _("登录密码等变动；为保护账号，始终立即发送"),
}


class ReadForm(forms.Form):
    """``until`` is when the newest notice came that the page could show."""

    until = VersionField()
    category = forms.ChoiceField(choices=Category, required=False)

    def chosen_category(self) -> Category | None:
        given = self.cleaned_data["category"]
        return Category(given) if given else None


@dataclass(frozen=True)
class Row:
    """One line of the table; ``field`` is None for what cannot be chosen."""

    label: str | Promise
    meaning: str | Promise
    field: forms.BoundField | None


@dataclass(frozen=True)
class Group:
    """``organization`` is None for the person's own settings."""

    organization: Organization | None
    rows: list[Row]


class PreferencesForm(forms.Form):
    """A choice by category, for the person and for each of their organizations."""

    def __init__(self, data: QueryDict | None, *, person: User) -> None:
        super().__init__(data)
        actor = Actor.of(person)
        wishes = Wishes.of([person])
        self._organizations = list(own_organizations(actor).order_by("pk"))
        self._own = [
            category
            for category in Category
            if category is not Category.SECURITY
            and (category is not Category.WORK or is_administrator(actor))
        ]
        for category in self._own:
            default = _("平台默认（%(mode)s）") % {"mode": DEFAULT_MODES[category].label}
            stated = wishes.stated(person.pk, category)
            self.fields[_name(None, category)] = _choice(category, default, stated)
        for organization in self._organizations:
            for each in OF_ORGANIZATIONS:
                stated = wishes.stated(person.pk, each, organization.pk)
                field = _choice(each, _("与个人设置相同"), stated)
                self.fields[_name(organization, each)] = field

    def groups(self) -> Iterator[Group]:
        """The tables of the page."""
        security = Row(Category.SECURITY.label, MEANING[Category.SECURITY], None)
        yield Group(None, [*self._rows(None, self._own), security])
        for organization in self._organizations:
            yield Group(organization, self._rows(organization, OF_ORGANIZATIONS))

    def chosen(self) -> Iterator[tuple[Organization | None, dict[Category, Mode | None]]]:
        """What was sent, for the person and for each organization."""
        yield None, self._modes(None, self._own)
        for organization in self._organizations:
            yield organization, self._modes(organization, OF_ORGANIZATIONS)

    def _rows(self, organization: Organization | None, categories: Any) -> list[Row]:
        return [
            Row(category.label, MEANING[category], self[_name(organization, category)])
            for category in categories
        ]

    def _modes(
        self, organization: Organization | None, categories: Any
    ) -> dict[Category, Mode | None]:
        given = {each: self.cleaned_data[_name(organization, each)] for each in categories}
        return {category: Mode(mode) if mode else None for category, mode in given.items()}


def _name(organization: Organization | None, category: Category) -> str:
    return f"{organization.public_id if organization else 'own'}-{category.value}"


def _choice(category: Category, default: str | Promise, stated: Mode | None) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=[("", default), *Mode.choices],
        required=False,
        label=category.label,
        initial=stated.value if stated else "",
    )
