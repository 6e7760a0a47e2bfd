"""Organizations that publish, supply or serve, and the people who act for them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.history import keeps_history
from common.models import PublicModel
from files.models import StoredFile
from organizations.enums import (
    WITHOUT_CLAIM,
    AmendmentState,
    Attribute,
    Capacity,
    EvidenceKind,
    EvidenceState,
    IdentifierScheme,
    InvitationState,
    JoinRequestState,
    LegalKind,
    MemberRole,
    OrganizationState,
)
from taxonomy.models import City, District


@keeps_history(
    "name",
    "legal_kind",
    "identifier_scheme",
    "identifier",
    "capacities",
    "attributes",
    "city",
    "district",
    "seat",
    "address",
    "state",
)
class Organization(PublicModel):
    """A legal person; ``city`` is empty when the seat lies outside Guangdong (``seat`` says where).

    Only what a verified organization publishes is seen and matched. ``attributes`` is what it
    claims: others see those alone whose evidence was checked (``queries.shown_attributes``).
    """

    name = models.CharField(_("名称"), max_length=120)
    # Equal for names that look alike (organizations.lookalikes): for reviewers alone.
    skeleton = models.CharField(_("名称骨架"), max_length=120, db_default="", editable=False)
    legal_kind = models.CharField(_("法人类别"), max_length=20, choices=LegalKind)
    capacities = ArrayField(
        models.CharField(max_length=10, choices=Capacity), verbose_name=_("身份"), default=list
    )
    attributes = ArrayField(
        models.CharField(max_length=20, choices=Attribute), verbose_name=_("属性"), default=list
    )
    identifier_scheme = models.CharField(
        _("证件类型"),
        max_length=20,
        choices=IdentifierScheme,
        default=IdentifierScheme.CREDIT_CODE,
    )
    identifier = models.CharField(_("证件号码"), max_length=40)
    city = models.ForeignKey(City, models.PROTECT, related_name="organizations", null=True)
    district = models.ForeignKey(District, models.PROTECT, related_name="organizations", null=True)
    seat = models.CharField(_("省外所在地"), max_length=60, blank=True)
    address = models.CharField(_("注册地址"), max_length=200, blank=True, db_default="")
    representative = models.CharField(_("法定代表人"), max_length=60, blank=True, db_default="")
    state = models.CharField(
        _("状态"),
        max_length=10,
        choices=OrganizationState,
        default=OrganizationState.DRAFT,
    )
    submitted_at = models.DateTimeField(_("提交时间"), null=True)
    # Invented, with all that it publishes; pages and API say so.
    is_demonstration = models.BooleanField(_("演示数据"), db_default=False, default=False)

    class Meta:
        verbose_name = _("组织")
        verbose_name_plural = _("组织")
        ordering = ["id"]
        constraints = [
            # A draft keeps nobody out: whoever begins one has shown nothing yet.
            models.UniqueConstraint(
                fields=["identifier_scheme", "identifier"],
                condition=~models.Q(state__in=WITHOUT_CLAIM),
                name="organizations_one_per_identifier",
            )
        ]
        # Every page asks whether there are any.
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(is_demonstration=True),
                name="organizations_invented",
            ),
            models.Index(fields=["skeleton"], name="organizations_look_alike"),
            models.Index(fields=["state", "submitted_at"], name="organizations_queue"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organization_detail", args=[self.public_id])

    @property
    def has_claim(self) -> bool:
        """Whether its identifier is taken by it."""
        return self.state not in WITHOUT_CLAIM

    @property
    def audited_organization_id(self) -> int:
        return int(self.pk)

    def attribute_labels(self) -> list[str]:
        """All that it claims, checked or not: for its members and reviewers."""
        return [str(Attribute(value).label) for value in self.attributes]

    def capacity_labels(self) -> list[str]:
        return [str(Capacity(value).label) for value in self.capacities]


@keeps_history("organization", "user", "role")
class Membership(models.Model):
    """A person acts for an organization."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(_("角色"), max_length=10, choices=MemberRole)
    created_at = models.DateTimeField(_("加入时间"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("成员")
        verbose_name_plural = _("成员")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"], name="organizations_one_membership"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.organization_id}"


class Evidence(PublicModel):
    """A document that proves who the organization is, or one of its attributes.

    ``file`` is empty for what an administrator vouches for who took the organization up.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="evidence")
    kind = models.CharField(_("证明内容"), max_length=20, choices=EvidenceKind)
    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="evidence", null=True)
    valid_until = models.DateField(_("有效期至"), null=True)
    note = models.CharField(_("说明"), max_length=500, blank=True)
    state = models.CharField(
        _("状态"), max_length=10, choices=EvidenceState, default=EvidenceState.STATED
    )
    # When its members were told that it runs out.
    reminded_at = models.DateTimeField(_("提醒时间"), null=True)

    class Meta:
        verbose_name = _("证明材料")
        verbose_name_plural = _("证明材料")
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["valid_until"],
                condition=models.Q(state="confirmed"),
                name="organizations_evidence_ends",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def is_over(self) -> bool:
        """It counts no more, and its file is kept for a time alone."""
        return self.state not in {EvidenceState.STATED, EvidenceState.CONFIRMED}

    def get_absolute_url(self) -> str:
        return reverse("evidence_detail", args=[self.organization.public_id, self.public_id])


class VerificationComment(models.Model):
    """What a reviewer says of one field of a registration; settled when it is submitted again."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="comments")
    field = models.CharField(_("字段"), max_length=30)
    text = models.CharField(_("意见"), max_length=500)
    created_at = models.DateTimeField(_("时间"), db_default=Now(), editable=False)
    settled_at = models.DateTimeField(_("处理时间"), null=True)

    class Meta:
        verbose_name = _("核验意见")
        verbose_name_plural = _("核验意见")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.field}: {self.text}"


class Amendment(PublicModel):
    """A change of what the licence says, which waits to be checked.

    Until then the organization stays as it was verified, and so does all that it has published.
    ``values``: the essential facts as they shall be.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="amendments")
    values = models.JSONField(_("变更内容"))
    note = models.CharField(_("说明"), max_length=500, blank=True)
    state = models.CharField(
        _("状态"), max_length=10, choices=AmendmentState, default=AmendmentState.PENDING
    )

    class Meta:
        verbose_name = _("变更申请")
        verbose_name_plural = _("变更申请")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=models.Q(state="pending"),
                name="organizations_one_amendment",
            )
        ]

    def __str__(self) -> str:
        return str(self.organization)

    def get_absolute_url(self) -> str:
        return reverse("amendment_detail", args=[self.organization.public_id, self.public_id])


class JoinRequest(PublicModel):
    """Somebody asks to act for an organization, whose owners answer."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="join_requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="join_requests")
    message = models.CharField(_("说明"), max_length=200, blank=True)
    state = models.CharField(
        _("状态"), max_length=10, choices=JoinRequestState, default=JoinRequestState.PENDING
    )

    class Meta:
        verbose_name = _("加入申请")
        verbose_name_plural = _("加入申请")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"],
                condition=models.Q(state="pending"),
                name="organizations_one_join_request",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.organization_id}"

    @property
    def audited_name(self) -> str:
        return f"{self.user} → {self.organization}"


class Invitation(PublicModel):
    """An owner asks somebody, known by e-mail address, to act for the organization.

    The token that the mail carries is derived from ``nonce`` and the secret key; the row holds
    its hash alone, so that nobody who reads the database can accept.
    """

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("电子邮箱"))
    role = models.CharField(_("角色"), max_length=10, choices=MemberRole)
    nonce = models.CharField(max_length=32, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(_("有效期至"))
    inviter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, related_name="invitations_sent", null=True
    )
    state = models.CharField(
        _("状态"), max_length=10, choices=InvitationState, default=InvitationState.PENDING
    )

    class Meta:
        verbose_name = _("邀请")
        verbose_name_plural = _("邀请")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                models.F("organization"),
                Lower("email"),
                condition=models.Q(state="pending"),
                name="organizations_one_invitation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.role}"

    @property
    def audited_name(self) -> str:
        """Whom it invites may have no account here: the address is for the owners."""
        return f"{self.organization}（{self.get_role_display()}）"
