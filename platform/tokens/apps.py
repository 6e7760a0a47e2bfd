from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "tokens"

    def ready(self) -> None:
        from accounts import personal_data as everything
        from tokens import personal_data, rules  # noqa: F401

        everything.register("api_tokens", personal_data.tokens_part)
        everything.register_eraser(personal_data.erase_answers)
