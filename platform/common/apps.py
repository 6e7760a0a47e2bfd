from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        from django.core import checks

        from common.database_roles import check_runtime_role

        checks.register(checks.Tags.database)(check_runtime_role)
