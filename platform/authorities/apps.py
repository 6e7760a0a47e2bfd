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
        from accounts import personal_data as everything
        from authorities import personal_data, rules  # noqa: F401
        from authorities.queries import appointed_grants, delegated_grants

        grants.register(appointed_grants)
        grants.register(delegated_grants)
        everything.register("appointments", personal_data.appointments_part)
        everything.register("operations", personal_data.operations_part)
