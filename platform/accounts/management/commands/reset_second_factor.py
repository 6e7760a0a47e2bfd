"""``manage.py reset_second_factor``: for people who lost phone, keys and recovery codes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.queries import person_by_email
from accounts.second_factor import remove_second_factors
from common.actor import Actor


class Command(BaseCommand):
    help = "Remove all second factors of a person and end all sessions; check who asks, first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        person = person_by_email(options["email"])
        if person is None:
            raise CommandError("没有这个账号。")
        actor = Actor.system("manage.py reset_second_factor")
        removed = remove_second_factors(person=person, actor=actor)
        self.stdout.write(f"已移除 {removed} 项两步验证，所有设备已退出登录。")
