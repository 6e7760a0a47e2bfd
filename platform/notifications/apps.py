from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from accounts import personal_data
        from notifications import personal, receivers, rules  # noqa: F401

        personal_data.register("notifications", personal.notices_part)
        personal_data.register("notification_preferences", personal.preferences_part)
        personal_data.register_eraser(personal.erase)
