from django.apps import AppConfig


class LifecycleConfig(AppConfig):
    name = "lifecycle"

    def ready(self) -> None:
        from django.core import checks

        from lifecycle.transitions import check_permissions

        checks.register(check_permissions)
