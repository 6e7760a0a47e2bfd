from typing import ClassVar

from django.apps import AppConfig

from common.history import PRIVILEGES


class AuthoritiesConfig(AppConfig):
    name = "authorities"
    runtime_privileges: ClassVar[dict[str, str]] = {
        "authorities_authorityhistory": PRIVILEGES,
        "authorities_appointmenthistory": PRIVILEGES,
        "authorities_delegationhistory": PRIVILEGES,
    }

    def ready(self) -> None:
        from accounts import grants
        from authorities import rules  # noqa: F401
        from authorities.queries import appointed_grants, delegated_grants

        grants.register(appointed_grants)
        grants.register(delegated_grants)
