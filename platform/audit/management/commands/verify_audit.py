"""``manage.py verify_audit``: whether anybody has tampered with the audit log."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.chain import faults, head, read_anchors
from common.errors import DomainError

MOST_SHOWN = 20


class Command(BaseCommand):
    """Ends with 1 at any fault. Where nobody has published anchors yet, it says so and judges the
    chain alone; a folder that somebody names is meant to hold some.
    """

    help = "Check the hash chain of the audit log, and compare it with the published anchors."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchors",
            type=Path,
            help="folder with the daily anchor files, best a copy kept elsewhere"
            f" (default: {settings.AUDIT_ANCHORS})",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        named: Path | None = options["anchors"]
        folder = named or settings.AUDIT_ANCHORS
        try:
            anchors = read_anchors(folder)
        except DomainError as error:
            raise CommandError(error.message) from None
        if named and not anchors:
            raise CommandError(f"{named} 不存在，或里面没有可以比对的锚点。")
        found = faults(anchors)
        shown = list(islice(found, MOST_SHOWN))
        if shown:
            rest = sum(1 for _ in found)
            lines = [str(fault) for fault in shown] + ([f"另有 {rest} 处。"] if rest else [])
            raise CommandError("\n".join(lines))
        seq, digest = head()
        if seq and not anchors:
            self.stderr.write(f"注意：{folder} 里没有锚点，末尾被截断、整条链被重算都查不出来。")
        self.stdout.write(f"完整：{seq} 环，{len(anchors)} 个锚点相符 · {digest or '尚无记录'}")
