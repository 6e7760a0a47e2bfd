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
        from organizations import (  # noqa: F401
            personal_data,
            queries,
            receivers,
            rules,
            transitions,
        )

        access.register(
            access.Holder(
                reached=queries.reachable_files,
                own=queries.own_files,
                record_of=queries.evidence_with,
            )
        )
        registry.register("memberships", personal_data.memberships_part)
        registry.register("membership_history", personal_data.membership_history_part)
        registry.register("join_requests", personal_data.join_requests_part)
        registry.register("invitations", personal_data.invitations_part)
        registry.register_objection(personal_data.last_owner)
