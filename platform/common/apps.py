from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        from django.core import checks
        from django.db.backends.signals import connection_created

        from common.database_roles import check_runtime_role, refuse_mighty_role

        checks.register(checks.Tags.database)(check_runtime_role)
        connection_created.connect(refuse_mighty_role)
