from typing import ClassVar

from django.apps import AppConfig

from common.history import PRIVILEGES


class OrganizationsConfig(AppConfig):
    name = "organizations"
    runtime_privileges: ClassVar[dict[str, str]] = {
        "organizations_organizationhistory": PRIVILEGES,
        "organizations_membershiphistory": PRIVILEGES,
    }

    def ready(self) -> None:
        from accounts import personal_data as registry
        from files import access
        from organizations import personal_data, receivers, rules, transitions  # noqa: F401
        from organizations.queries import reachable_files

        access.register(reachable_files)
        registry.register("memberships", personal_data.memberships_part)
        registry.register("join_requests", personal_data.join_requests_part)
        registry.register("invitations", personal_data.invitations_part)
        registry.register_objection(personal_data.last_owner)
