from typing import ClassVar

from django.apps import AppConfig

from common.history import PRIVILEGES


class ReviewsConfig(AppConfig):
    name = "reviews"
    runtime_privileges: ClassVar[dict[str, str]] = {
        "reviews_expertprofilehistory": PRIVILEGES,
    }

    def ready(self) -> None:
        from accounts import grants
        from accounts import personal_data as everything
        from reviews import personal_data, rules  # noqa: F401
        from reviews.queries import expert_grants

        grants.register(expert_grants)
        everything.register("expert", personal_data.expert_part)
        everything.register_objection(personal_data.still_appointed)
        everything.register_eraser(personal_data.erase_expert)
