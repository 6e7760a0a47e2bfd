"""People who sign in."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower, Now
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.enums import ConsentKind
from accounts.grants import grants_of
from common.actor import Grant
from common.contact import mask_email
from common.models import UUID7


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address; who opens an account so vouches for the address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("An e-mail address is required.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        with transaction.atomic(using=self._db):
            user.save(using=self._db)
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by e-mail address; what they may do comes from memberships and grants."""

    public_id = models.UUIDField(db_default=UUID7(), unique=True, editable=False)
    email = models.EmailField(_("电子邮箱"), unique=True)
    name = models.CharField(_("姓名"), max_length=60, blank=True)
    # As ``common.contact.clean_phone`` spells it; optional, and shown masked to others.
    phone = models.CharField(_("电话"), max_length=20, blank=True, db_default="", default="")
    is_active = models.BooleanField(_("有效"), default=True)
    # Somebody of the demonstration; signs in only where the settings allow invented records.
    is_demonstration = models.BooleanField(_("演示数据"), db_default=False, default=False)
    is_staff = models.BooleanField(_("可进入管理后台"), default=False)
    # Closed by its owner: nothing of the person is left in the row (PIPL, article 47).
    deleted_at = models.DateTimeField(_("注销时间"), null=True, editable=False)
    date_joined = models.DateTimeField(_("注册时间"), db_default=Now(), editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("用户")
        verbose_name_plural = _("用户")
        constraints = [
            # Two accounts that differ in capitals only would be one person's and a stranger's.
            models.UniqueConstraint(Lower("email"), name="accounts_user_email_any_case"),
        ]

    def __str__(self) -> str:
        """Others read it: no address in full."""
        return self.name or mask_email(self.email)

    @cached_property
    def grants(self) -> frozenset[Grant]:
        """What the person is on the platform itself; read once a request."""
        return grants_of(self.pk)


class Consent(models.Model):
    """What a person agreed to, and when: a text of this version. Rows are added and, when the
    person takes back what was agreed, closed; a database trigger refuses any other change."""

    user = models.ForeignKey(User, models.CASCADE, related_name="consents")
    kind = models.CharField(_("事项"), max_length=20, choices=ConsentKind)
    version = models.CharField(_("版本"), max_length=20)
    given_at = models.DateTimeField(_("同意时间"), db_default=Now(), editable=False)
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, editable=False)

    class Meta:
        verbose_name = _("同意记录")
        verbose_name_plural = _("同意记录")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "version"],
                condition=models.Q(withdrawn_at=None),
                name="accounts_consent_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"
