from django.apps import AppConfig


class CapabilitiesConfig(AppConfig):
    name = "capabilities"

    def ready(self) -> None:
        from capabilities import imports, rules, transitions  # noqa: F401
