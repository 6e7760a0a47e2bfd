"""Closed lists of the organizations app; labels are what readers see."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LegalKind(models.TextChoices):
    ENTERPRISE = "enterprise", _("企业")
    PUBLIC_BODY = "public_body", _("机关")
    INSTITUTION = "institution", _("事业单位")
    UNIVERSITY = "university", _("高等院校")
    INSTITUTE = "institute", _("科研院所")
    HOSPITAL = "hospital", _("医疗机构")
    SOCIAL_ORGANIZATION = "social_organization", _("社会组织")


class Capacity(models.TextChoices):
    """What an organization comes to do; one may have several."""

    PUBLISH = "publish", _("发布场景")
    SUPPLY = "supply", _("提供能力")
    SERVE = "serve", _("提供服务")


class Attribute(models.TextChoices):
    STATE_OWNED = "state_owned", _("国有企业")
    CENTRAL = "central", _("中央企业")
    STARTUP = "startup", _("初创企业")
    SPECIALIZED = "specialized", _("专精特新企业")
    HIGH_TECH = "high_tech", _("高新技术企业")


class IdentifierScheme(models.TextChoices):
    """Who gave the number by which an organization is known."""

    CREDIT_CODE = "credit_code", _("统一社会信用代码")
    HONG_KONG = "hong_kong", _("香港商业登记号")
    MACAU = "macau", _("澳门登记号")
    FOREIGN = "foreign", _("境外登记号")


class OrganizationState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待核验")
    RETURNED = "returned", _("已退回")
    REJECTED = "rejected", _("未通过")
    VERIFIED = "verified", _("已核验")
    SUSPENDED = "suspended", _("已暂停")


# States that hold no claim to an identifier: whoever begins a draft keeps nobody out.
WITHOUT_CLAIM = (OrganizationState.DRAFT, OrganizationState.REJECTED)


class EvidenceKind(models.TextChoices):
    """What a document proves: that the organization is who it says, or one attribute."""

    LICENCE = "licence", _("营业执照或登记证书")
    STATE_OWNED = "state_owned", Attribute.STATE_OWNED.label
    CENTRAL = "central", Attribute.CENTRAL.label
    STARTUP = "startup", Attribute.STARTUP.label
    SPECIALIZED = "specialized", Attribute.SPECIALIZED.label
    HIGH_TECH = "high_tech", Attribute.HIGH_TECH.label


class EvidenceState(models.TextChoices):
    STATED = "stated", _("待核验")
    CONFIRMED = "confirmed", _("已核验")
    DECLINED = "declined", _("未采用")
    WITHDRAWN = "withdrawn", _("已撤下")
    EXPIRED = "expired", _("已过期")
    # A newer one was checked, and stands in its place.
    REPLACED = "replaced", _("已更换")


class AmendmentState(models.TextChoices):
    PENDING = "pending", _("待核验")
    APPROVED = "approved", _("已通过")
    DECLINED = "declined", _("未通过")
    WITHDRAWN = "withdrawn", _("已撤回")


class JoinRequestState(models.TextChoices):
    PENDING = "pending", _("待答复")
    ACCEPTED = "accepted", _("已加入")
    DECLINED = "declined", _("未同意")
    WITHDRAWN = "withdrawn", _("已撤回")


class InvitationState(models.TextChoices):
    PENDING = "pending", _("已发出")
    ACCEPTED = "accepted", _("已接受")
    REVOKED = "revoked", _("已撤销")


class MemberRole(models.TextChoices):
    OWNER = "owner", _("负责人")
    EDITOR = "editor", _("编辑")
    VIEWER = "viewer", _("查看")
