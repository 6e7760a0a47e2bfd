"""Forms about organizations: what they state, what they prove, who acts for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from files.enums import EXTENSIONS
from lifecycle.services import LONGEST_REASON
from organizations.enums import (
    Attribute,
    Capacity,
    EvidenceKind,
    IdentifierScheme,
    LegalKind,
    MemberRole,
)
from organizations.facts import ESSENTIAL, EvidenceFacts, OrganizationFacts
from organizations.joining import LONGEST_MESSAGE
from organizations.services import COMMENTED, MOST_COMMENT
from policy.queries import current
from taxonomy.models import City
from taxonomy.queries import districts
from web.forms.facts import FactsForm
from web.forms.fields import CodesField, OptionField, VersionField

CHOOSE = _("请选择列出的一项。")


class OrganizationForm(FactsForm[OrganizationFacts]):
    describes = OrganizationFacts

    identifier_scheme = forms.CharField(
        label=_("证件类型"), widget=forms.Select(choices=IdentifierScheme.choices)
    )
    identifier = forms.CharField(
        label=_("证件号码"),
        help_text=_("内地填 18 位统一社会信用代码；香港填商业登记证前 8 位；澳门和境外填登记号。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(label=_("名称"), help_text=_("与营业执照或登记证书上的全称一致。"))
    legal_kind = forms.CharField(
        label=_("法人类别"), widget=forms.Select(choices=LegalKind.choices)
    )
    representative = forms.CharField(
        label=_("法定代表人"),
        required=False,
        help_text=_("或负责人；提交前必填。只有本单位成员和核验人员看得到。"),
    )
    capacities = CodesField(
        label=_("来这里做什么"), choices=Capacity.choices, help_text=_("至少选一项，可多选。")
    )
    attributes = CodesField(
        label=_("单位属性"),
        choices=Attribute.choices,
        help_text=_("选填。每一项都要在下一步上传证明，核验通过后才公开显示。"),
    )
    city = OptionField(label=_("城市"), help_text=_("广东省内的单位选城市，由当地主管部门核验。"))
    district = OptionField(
        label=_("区"),
        help_text=_("广州、深圳可选到区。"),
        widget=forms.Select(attrs={"data-group-of": "city"}),
    )
    seat = forms.CharField(
        label=_("省外所在地"),
        required=False,
        help_text=_("不在广东省内的填这里，例如：香港、北京市海淀区。"),
    )
    address = forms.CharField(
        label=_("注册地址"),
        required=False,
        help_text=_("只有本单位成员和核验人员看得到。"),
    )

    def choices(self) -> dict[str, Iterable[Any]]:
        by_city = groupby(districts(), key=lambda each: each.city.name)
        return {
            "city": [(each.code, each.name) for each in current(City)],
            "district": [(city, [(d.code, d.name) for d in group]) for city, group in by_city],
        }

    def label_of(self, name: str) -> str:
        """Also of fields that a form of this family leaves out."""
        return str(OrganizationForm.base_fields[name].label)


class AmendmentForm(OrganizationForm):
    """The essential facts alone; the others stay as they are."""

    note = forms.CharField(
        label=_("变更说明"),
        required=False,
        max_length=500,
        help_text=_("例如：公司于 2026 年 10 月更名，新执照已上传。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    kept: OrganizationFacts

    def __init__(
        self, data: QueryDict | None = None, *, stated: OrganizationFacts, **kwargs: Any
    ) -> None:
        super().__init__(data, stated=stated, **kwargs)
        self.kept = stated
        for name in set(OrganizationFacts.model_fields) - set(ESSENTIAL):
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Facts need all of it: what is not asked here is what stands."""
        cleaned = super().clean()
        if hasattr(self, "facts"):
            left = set(OrganizationFacts.model_fields) - set(ESSENTIAL)
            kept = {name: getattr(self.kept, name) for name in left}
            self.facts = self.facts.model_copy(update=kept)
        return cleaned


class DetailsForm(OrganizationForm):
    """What changes freely after verification: everything that the licence does not say."""

    kept: OrganizationFacts

    def __init__(
        self, data: QueryDict | None = None, *, stated: OrganizationFacts, **kwargs: Any
    ) -> None:
        super().__init__(data, stated=stated, **kwargs)
        self.kept = stated
        for name in ESSENTIAL:
            del self.fields[name]

    def _value(self, name: str) -> Any:
        return super()._value(name) if name in self.fields else self.cleaned_data[name]

    def clean(self) -> dict[str, Any]:
        for name in ESSENTIAL:
            self.cleaned_data[name] = getattr(self.kept, name)
        return super().clean()


class EvidenceForm(FactsForm[EvidenceFacts]):
    describes = EvidenceFacts

    kind = forms.CharField(label=_("证明什么"), widget=forms.Select(choices=EvidenceKind.choices))
    file = forms.FileField(
        label=_("文件"),
        allow_empty_file=True,
        help_text=_("PDF、PNG 或 JPEG，最大 10 MB；扫描件或清晰的照片均可。"),
        widget=forms.FileInput(attrs={"accept": ",".join(EXTENSIONS.values())}),
        error_messages={"required": _("请选择要上传的文件。")},
    )
    valid_until = forms.CharField(
        label=_("有效期至"),
        required=False,
        help_text=_("长期有效的不填；到期前 30 天会提醒。"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    note = forms.CharField(
        label=_("说明"), required=False, help_text=_("选填，例如证书编号、发证机关。")
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        kinds: Sequence[tuple[str, Any]],
        kind: str = "",
    ) -> None:
        super().__init__(data)
        if files is not None:
            self.files = files
        field = self.fields["kind"]
        assert isinstance(field.widget, forms.Select)  # noqa: S101 (narrows the type)
        field.widget.choices = kinds
        self.initial["kind"] = kind


class ReturnForm(forms.Form):
    """A comment for each field that needs one, and what is to be done in all."""

    version = VersionField(required=False, label=_("版本"))
    reason = forms.CharField(
        label=_("总的意见"),
        max_length=LONGEST_REASON,
        help_text=_("申请人会看到；请说明要补正什么。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, labels: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in COMMENTED:
            self.fields[f"on-{name}"] = forms.CharField(
                label=labels[name],
                required=False,
                max_length=MOST_COMMENT,
                widget=forms.TextInput(),
            )

    @property
    def comments(self) -> dict[str, str]:
        return {name: self.cleaned_data[f"on-{name}"] for name in COMMENTED}


class JoinForm(forms.Form):
    identifier_scheme = forms.ChoiceField(
        label=_("证件类型"),
        choices=IdentifierScheme.choices,
        error_messages={"invalid_choice": CHOOSE},
    )
    identifier = forms.CharField(
        label=_("证件号码"),
        max_length=60,
        help_text=_("所在单位的统一社会信用代码或登记号；只按完整号码查找。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    message = forms.CharField(
        label=_("告诉负责人您是谁"),
        required=False,
        max_length=LONGEST_MESSAGE,
        help_text=_("例如：研发部王工，负责场景对接。只有该单位负责人看得到。"),
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        label=_("角色"), choices=MemberRole.choices, error_messages={"invalid_choice": CHOOSE}
    )


class InviteForm(RoleForm):
    email = forms.CharField(
        label=_("电子邮箱"),
        max_length=254,
        help_text=_("邀请 7 天内有效；对方用这个邮箱登录或注册后接受。"),
        widget=forms.TextInput(attrs={"type": "email", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(
        label=_("角色"),
        choices=MemberRole.choices,
        initial=MemberRole.EDITOR,
        error_messages={"invalid_choice": CHOOSE},
    )
