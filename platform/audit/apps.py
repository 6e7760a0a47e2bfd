from typing import ClassVar

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"
    runtime_privileges: ClassVar[dict[str, str]] = {
        "audit_auditevent": "SELECT, INSERT",
        "audit_auditlink": "SELECT",
    }
