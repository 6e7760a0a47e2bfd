from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("账号")
    default = True

    def ready(self) -> None:
        from accounts import closing, personal_data, receivers, rules  # noqa: F401

        personal_data.register("account", closing.account_part)
        personal_data.register("addresses", closing.addresses_part)
        personal_data.register("consents", closing.consents_part)
        personal_data.register("sessions", closing.sessions_part)
        personal_data.register("second_factors", closing.second_factors_part)
        personal_data.register_objection(closing.duties_held)


class ReadOnlyAdminConfig(admin_apps.AdminConfig):
    """Django's admin site, which here shows and never writes."""

    default = False
    default_site = "accounts.admin_site.ReadOnlyAdminSite"
