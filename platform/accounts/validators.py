"""What a password must be, where Django has no Chinese for it."""

from django.contrib.auth.password_validation import (
    MinimumLengthValidator as DjangoMinimumLengthValidator,
)
from django.utils.translation import gettext


class MinimumLengthValidator(DjangoMinimumLengthValidator):
    def get_error_message(self) -> str:
        return gettext("密码至少要有 %d 个字符。") % self.min_length
