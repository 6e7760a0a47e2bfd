"""Registrations with their evidence for tests, and files that can be uploaded."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from itertools import count
from typing import Any

from accounts.models import User
from common.actor import Actor
from files.models import StoredFile
from files.services import Upload
from organizations.enums import EvidenceKind
from organizations.facts import OrganizationFacts
from organizations.models import Evidence, Organization
from organizations.services import register_organization, submit_organization
from tests.records import GUANGZHOU, credit_code

_numbers = count(1)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    b"\xff\xc0\x00\x11\x08\x00\x10\x00\x20\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01\xff\xd9"
)


def png(width: int = 4, height: int = 3) -> bytes:
    """A white image."""
    rows = b"".join(b"\x00" + b"\xff" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def upload(name: str = "营业执照.pdf", content: bytes = PDF) -> Upload:
    return Upload(name=name, content=content)


@dataclass
class Registration:
    organization: Organization
    owner: Actor


def make_draft(*, licence: bool = True, **facts: Any) -> Registration:
    """What somebody registers, with all that is needed to submit it unless ``licence`` is off."""
    number = next(_numbers)
    owner = Actor.of(User.objects.create_user(f"owner{number}@example.org", name=f"负责人{number}"))
    values = {
        "name": f"新登记组织{number}",
        "identifier": credit_code(700_000 + number),
        "city": GUANGZHOU,
        "representative": f"代表{number}",
        **facts,
    }
    organization = register_organization(facts=OrganizationFacts(**values), actor=owner)
    if licence:
        make_evidence(organization)
    return Registration(organization, owner)


def make_submitted(**facts: Any) -> Registration:
    made = make_draft(**facts)
    submit_organization(organization=made.organization, actor=made.owner)
    return made


def make_evidence(organization: Organization, kind: str = "licence", **values: Any) -> Evidence:
    """Written past the verb, which stores bytes; the file of these exists as a row alone."""
    number = next(_numbers)
    file = StoredFile.objects.create(
        key=f"{number:064x}",
        name=f"材料{number}.pdf",
        media_type="application/pdf",
        size=len(PDF),
        digest="0" * 64,
        attached_at=organization.created_at,
    )
    return Evidence.objects.create(
        organization=organization, kind=EvidenceKind(kind), file=file, **values
    )
