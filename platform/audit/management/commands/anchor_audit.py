"""``manage.py anchor_audit``: today's anchor, without waiting for the night."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from audit.chain import write_anchor
from common.clock import beijing_today


class Command(BaseCommand):
    help = "Write today's anchor of the audit log; the first one of a day stands."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(write_anchor(settings.AUDIT_ANCHORS, beijing_today().isoformat())))
