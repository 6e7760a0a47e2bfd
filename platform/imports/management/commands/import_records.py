"""``manage.py import_records``: scenarios or capabilities out of a file, all or nothing."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.actor import Actor
from common.errors import DomainError, InvalidFiles
from common.progress import bar, unwatched
from imports.importable import kinds
from imports.readers import read_file
from imports.services import ImportReport, import_records, import_template
from organizations.queries import registered


class Command(BaseCommand):
    help = (
        "Import scenarios or capabilities from Excel (.xlsx), CSV (UTF-8) or JSON Lines. "
        "Without --apply the file is only checked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=kinds())
        parser.add_argument("file", type=Path, help="the file to read, or with --template to write")
        parser.add_argument(
            "--organization",
            metavar="CODE",
            help="unified social credit code of the organization that the records belong to",
        )
        parser.add_argument(
            "--draft", action="store_true", help="import as drafts instead of publishing"
        )
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--apply", action="store_true", help="take the records over")
        mode.add_argument("--dry-run", action="store_true", help="only check (the default)")
        mode.add_argument("--template", action="store_true", help="write an empty template file")

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["organization"]
        try:
            if options["template"]:
                self._write_template(options["kind"], options["file"])
                return
            report = import_records(
                kind=options["kind"],
                table=read_file(options["file"]),
                organization=None if code is None else registered(code),
                actor=Actor.system("manage.py import_records"),
                publish=not options["draft"],
                dry_run=not options["apply"],
                watch=bar if options["verbosity"] else unwatched,
            )
        except InvalidFiles as error:
            lines = [error.message, *(str(problem) for problem in error.problems)]
            raise CommandError("\n".join(lines)) from None
        except DomainError as error:
            raise CommandError(error.message) from None
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from None
        self._show(report)

    def _write_template(self, kind: str, file: Path) -> None:
        """Never over a file that somebody may have filled in."""
        if file.suffix.lower() != ".xlsx":
            raise ValueError(f"模板是 Excel 文件，文件名应以 .xlsx 结尾：{file}")
        try:
            with file.open("xb") as handle:
                handle.write(import_template(kind))
        except FileExistsError:
            raise ValueError(f"{file} 已经存在，没有覆盖。请换一个文件名。") from None
        self.stdout.write(f"template written: {file}")

    def _show(self, report: ImportReport) -> None:
        verb = "imported" if report.applied else "would be imported"
        self.stdout.write(
            f"{report.row_count} rows {verb} for {report.organization_count} organization(s)"
        )
        for tag, count in report.tags.items():
            self.stdout.write(f"  {tag}: {count} rows")
        for heading, count in report.not_stated.items():
            self.stdout.write(f"  {heading}: {count} rows not stated")
        if not report.applied:
            self.stdout.write("nothing was changed; run again with --apply to import")
