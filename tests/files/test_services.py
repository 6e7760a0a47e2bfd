"""Keeping uploads: bytes and row together or neither, and nothing for ever that nobody uses."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.models import User
from common.actor import Actor, ActorKind
from common.errors import Conflict, Forbidden, InvalidInput, NotFound
from files import storage
from files.enums import MediaType
from files.errors import StorageFull, TooLarge
from files.models import StoredFile
from files.queries import visible_to
from files.services import (
    KEEP_UNATTACHED,
    Upload,
    attach_file,
    clean_file_name,
    keeping,
    open_file,
    purge,
    store_file,
)
from tests.evidence import PDF, png, upload
from tests.records import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "FILES_HOME", tmp_path / "files")
    return tmp_path / "files"


@pytest.fixture
def person() -> Actor:
    return Actor.of(User.objects.create_user("uploader@example.org"))


def lying(home: Path) -> list[str]:
    return [path.name for path in home.rglob("*") if path.is_file()]


def test_upload_is_kept_under_a_drawn_key(home: Path, person: Actor) -> None:
    file = store_file(upload=upload("../../etc/执照.exe"), actor=person)

    assert (file.name, file.media_type, file.size) == ("执照.pdf", "application/pdf", len(PDF))
    assert lying(home) == [file.key]
    with open_file(file=file, actor=person) as content:
        assert content.read() == PDF
        assert "执照" not in content.name
    assert list(visible_to(person)) == [file]


@pytest.mark.parametrize("actor", [SYSTEM, Actor(ActorKind.VISITOR)], ids=["system", "visitor"])
def test_nobody_in_particular_uploads_nothing(home: Path, actor: Actor) -> None:
    with pytest.raises(Forbidden):
        store_file(upload=upload(), actor=actor)
    assert lying(home) == []


def test_too_large_or_no_document_keeps_nothing(
    home: Path, person: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput) as refused:
        store_file(upload=upload(content=b"<svg/>"), actor=person)
    assert set(refused.value.fields) == {"file"}
    monkeypatch.setattr(settings, "FILES_MAX_BYTES", 2**20)
    with pytest.raises(TooLarge, match="1 MB"):
        store_file(upload=upload(content=PDF + b" " * 2**20), actor=person)
    assert (lying(home), StoredFile.objects.count()) == ([], 0)


def test_failure_after_the_bytes_takes_them_away(home: Path, person: Actor) -> None:
    def fail() -> None:
        with keeping(upload(), person) as file:
            assert lying(home) == [file.key]
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert (lying(home), StoredFile.objects.count()) == ([], 0)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("fails", ["fsync", "mkdir"])
def test_full_disk_leaves_neither_row_nor_file(
    home: Path, person: Actor, monkeypatch: pytest.MonkeyPatch, fails: str, code: int
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(code, "full")

    if fails == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "mkdir", full)

    with pytest.raises(StorageFull) as refused:
        store_file(upload=upload(), actor=person)
    assert refused.value.status == 507
    assert (lying(home), StoredFile.objects.count()) == ([], 0)


def test_file_belongs_to_one_record_and_its_uploader_gives_it(person: Actor) -> None:
    file = store_file(upload=upload(), actor=person)
    other = Actor.of(User.objects.create_user("other@example.org"))

    for actor in (other, SYSTEM):
        with pytest.raises(NotFound):
            attach_file(file=file, actor=actor)
    attach_file(file=file, actor=person)
    with pytest.raises(Conflict):
        attach_file(file=file, actor=person)
    assert not visible_to(person).exists()


def test_what_nobody_took_goes_after_a_day(home: Path, person: Actor) -> None:
    taken, stale, fresh = (store_file(upload=upload(), actor=person) for _ in range(3))
    attach_file(file=taken, actor=person)
    before = taken.created_at - KEEP_UNATTACHED * 2
    StoredFile.objects.filter(pk__in=[taken.pk, stale.pk]).update(created_at=before)
    orphan, young = storage.write(PDF), storage.write(PDF)
    for key in (taken.key, stale.key, orphan):
        os.utime(storage.path_of(key), (0, 0))

    assert purge() == 2
    assert set(StoredFile.objects.all()) == {taken, fresh}
    assert set(lying(home)) == {taken.key, fresh.key, young}
    assert purge() == 0


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("执照.PDF", "执照.pdf"),
        ("..\\..\\boot.ini", "boot.pdf"),
        ("/etc/passwd", "passwd.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ("字" * 300 + ".pdf", "字" * 116 + ".pdf"),
        ("", "file.pdf"),
        ("...", "file.pdf"),
        ('x"; filename=y.html', "x ; filename=y.pdf"),
    ],
)
def test_name_is_shown_clean(given: str, shown: str) -> None:
    assert clean_file_name(given, MediaType.PDF) == shown


def test_name_that_reads_backwards_is_refused(person: Actor) -> None:
    with pytest.raises(InvalidInput, match="控制字符"):
        store_file(upload=Upload("执照\u202egnp.exe", png()), actor=person)


@pytest.mark.parametrize("key", ["../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "/x", ""])
def test_path_is_made_of_drawn_keys_alone(key: str) -> None:
    with pytest.raises(ValueError, match="storage key"):
        storage.path_of(key)
