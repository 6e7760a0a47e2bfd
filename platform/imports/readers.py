"""Files people send for import (.xlsx, .csv, .jsonl), read into rows of text.

Nothing is known here about nouns: a table has headings and rows, every fault its line and column.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import lzma
import re
import stat
import struct
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree as ET
from xml.parsers import expat

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet import _reader as worksheet_xml

from common.errors import InvalidFiles, Problem
from common.text import clean_line, clean_text

# 平台默认 (no clause or paper states them): one file, its rows and columns, one cell (Excel's own
# limit), and all text of a table, which a small .xlsx can repeat without end.
MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 1000
MAX_CELL = 32_767
MAX_CHARACTERS = 50_000_000
# Faults that are listed; the rest are counted.
MAX_FAULTS = 200
# Digits on either side of the point: 10^40 is no quantity, and 1e999999999 would fill the memory.
MAX_DIGITS = 40
# A number in Excel holds 15 digits; the ones behind are already lost in the file.
EXCEL_DIGITS = 15
PROGRESS_EVERY = 500

# What an .xlsx may unpack to (THREATS A13).
MAX_MEMBERS = 1000
MAX_UNPACKED = 300_000_000
MAX_RATIO = 200
UNPACKED_WHATEVER_THE_RATIO = 50_000_000
# XML elements: in the whole workbook, and in one row or text, which openpyxl holds as a tree.
MAX_ELEMENTS = 4_000_000
MAX_ELEMENTS_HELD = 300_000
# Bytes of one tag or comment; expat 2.5 takes quadratic time over larger ones (CVE-2023-52425).
MAX_TOKEN = 1_000_000

# Date formats of Chinese Excel that files use by number alone (ECMA-376 part 1, 18.8.30, zh-cn).
CHINESE_DATE_FORMATS = frozenset([*range(27, 37), *range(50, 59)])

Value = str | list[str]
Progress = Callable[[int], None]
# A line's number and what stands in its columns (from 1), as it was read.
Grid = Iterator[tuple[int, dict[int, Any]]]

_REQUIRED_MARK = re.compile(r"\s*(?:\*|\(必填\))$")
_WRONG_DELIMITERS = {";": "分号", "；": "分号", "，": "全角逗号", "\t": "制表符", "|": "竖线"}
_WRONG_DELIMITER = re.compile(f"[{''.join(_WRONG_DELIMITERS)}]")
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_BOM = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Row:
    """One record; ``line`` is the number a person sees in Excel or an editor, from 1.

    ``values`` leaves out empty cells; a JSON array of scalars is a list.
    """

    line: int
    values: dict[str, Value]


@dataclass(frozen=True)
class Table:
    """A file read without fault: ``letters`` gives a heading's column (not for .jsonl).

    ``digest`` is the SHA-256 of the bytes, in hex.
    """

    name: str
    headings: list[str]
    rows: list[Row]
    letters: dict[str, str]
    digest: str


def read_file(path: Path, *, progress: Progress | None = None) -> Table:
    """``read_table`` of a file on disk, whose size is checked before it is read."""
    reading = _Reading(path.name or str(path))
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            reading.refuse("这不是一个文件，请给出 .xlsx、.csv 或 .jsonl 文件的路径")
        if status.st_size > MAX_BYTES:
            reading.refuse(_TOO_LARGE)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        reading.refuse("找不到这个文件，请检查路径和文件名")
    except (OSError, ValueError):  # ValueError: NUL in the path
        reading.refuse("文件无法打开，请检查路径、文件名和读取权限")
    return read_table(path.name, content, progress=progress)


def read_table(name: str, content: bytes, *, progress: Progress | None = None) -> Table:
    """The rows of a file, by the suffix of ``name``.

    ``progress`` is told the number of rows read so far, now and then. Raises InvalidFiles with
    every fault found (the first 200, and how many more).
    """
    reading = _Reading(name, progress)
    read = _READERS.get(Path(name).suffix.lower())
    if read is None:
        reading.refuse(_unknown_suffix(name))
    if len(content) > MAX_BYTES:
        reading.refuse(_TOO_LARGE)
    if not content:
        reading.refuse(_EMPTY)
    headings, letters = read(reading, content)
    reading.check()
    if not reading.rows:
        reading.refuse("文件只有列名，没有数据行，请从第 2 行起填写后重新上传")
    if progress:
        progress(len(reading.rows))
    return Table(name, headings, reading.rows, letters, hashlib.sha256(content).hexdigest())


def clean_heading(text: str) -> str:
    """A heading in NFKC on one line, without the mark of required columns (``*``, ``（必填）``).

    Raises ValueError like ``clean_line``.
    """
    return _REQUIRED_MARK.sub("", clean_line(unicodedata.normalize("NFKC", text))).strip()


def place(heading: str, letter: str = "") -> str:
    """Where a value stands, for ``Problem.field``: ``C 列“年份”``, or the heading alone."""
    if not letter:
        return heading
    return f"{letter} 列“{heading}”" if heading else f"{letter} 列"


_TOO_LARGE = f"文件超过 {MAX_BYTES // 1024 // 1024} MB，请拆成几个文件分别导入"
_EMPTY = "文件是空的，请填写后重新上传"
_BROKEN_WORKBOOK = (
    "这个 Excel 文件已损坏或格式不规范，请用 Excel 或 WPS 打开，另存为新的 .xlsx 后重试"
)
_TOO_BIG_INSIDE = (
    "这个 Excel 文件解压后过大，请新建工作簿，只把要导入的数据（选择性粘贴为数值）复制过去；"
    "数据很多时，请拆成几个文件"
)


def _unknown_suffix(name: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix in {".xls", ".xlsm", ".xlsb", ".et", ".ods"}:
        return f"不支持 {suffix} 文件，请用 Excel 或 WPS 打开后另存为 .xlsx"
    if suffix == ".json":
        return "不支持 .json 文件，请改为 .jsonl（JSON Lines：每行一个对象）"
    return f"不支持{f' {suffix} ' if suffix else '没有扩展名的'}文件，请使用 .xlsx、.csv 或 .jsonl"


# What zipfile, ElementTree and openpyxl raise over broken workbooks, found by damaging good ones.
# Narrower than Exception: a task's time limit must not pass for a broken file.
_BREAKS = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    InvalidFileException,
    lzma.LZMAError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


class _Reading:
    """What one file has given so far: rows and faults."""

    def __init__(self, name: str, progress: Progress | None = None) -> None:
        self.name = name
        self.rows: list[Row] = []
        self._progress = progress
        self._problems: list[Problem] = []
        self._unlisted = 0
        self._characters = 0

    def fault(self, line: int, message: str, field: str = "") -> None:
        if len(self._problems) < MAX_FAULTS:
            self._problems.append(Problem(self.name, line, field, message))
        else:
            self._unlisted += 1

    def refuse(self, message: str, line: int = 1) -> NoReturn:
        """End here: a fault of the file as a whole."""
        raise InvalidFiles(
            f"文件“{self.name}”无法导入，没有保存任何内容。",
            [Problem(self.name, line, "", message)],
        )

    def check(self) -> None:
        """Raises InvalidFiles if there was any fault."""
        if not self._problems:
            return
        count = len(self._problems) + self._unlisted
        if self._unlisted:
            last = self._problems[-1].line
            message = f"另有 {self._unlisted} 处问题没有列出，请先改正以上各处"
            self._problems.append(Problem(self.name, last, "", message))
        raise InvalidFiles(
            f"文件“{self.name}”有 {count} 处需要改正，没有保存任何内容。", self._problems
        )

    def value(self, line: int, field: str, raw: Any) -> Value | None:
        """``raw`` as text or list of texts; None if it is empty, or unusable (then a fault)."""
        try:
            value = _value(raw)
        except ValueError as error:
            self.fault(line, str(error), field)
            return None
        self._characters += sum(map(len, value))
        if self._characters > MAX_CHARACTERS:
            self.refuse("文件中的文字过多，请拆成几个文件分别导入", line)
        return value or None

    def add(self, line: int, values: dict[str, Value]) -> None:
        if not values:
            return
        if len(self.rows) == MAX_ROWS:
            self.refuse(f"超过 {MAX_ROWS} 行数据，请拆成几个文件分别导入", line)
        self.rows.append(Row(line, values))
        if self._progress and len(self.rows) % PROGRESS_EVERY == 0:
            self._progress(len(self.rows))


# Values


@dataclass(frozen=True)
class _Unusable:
    """A cell that a format marks as no value: #N/A in Excel, NaN in JSON."""

    message: str


def _value(raw: Any) -> Value:
    """A cell as text; "" or [] if it is empty. Raises ValueError in words for people."""
    if isinstance(raw, list):
        return [text for item in raw if (text := _text(item))]
    return _text(raw)


def _text(raw: Any) -> str:  # noqa: PLR0911 - one line for each type
    match raw:
        case None:
            return ""
        case str():
            return _cleaned(raw)
        case bool():
            return "是" if raw else "否"
        case Decimal():
            return _number(raw)
        case int():
            return _excel_number(Decimal(raw))
        case float():
            # What Excel shows: 0.3 where the file says 0.30000000000000004.
            return _excel_number(Decimal(f"{raw:.{EXCEL_DIGITS}g}"))
        case dt.datetime():
            return _moment(raw)
        case dt.date():
            return raw.isoformat()
        case dt.time():
            return _clock(raw.hour, raw.minute, raw.second)
        case dt.timedelta():
            minutes, seconds = divmod(round(raw.total_seconds()), 60)
            return _clock(*divmod(minutes, 60), seconds)
        case _Unusable():
            raise ValueError(raw.message)
    raise ValueError("只能是文字、数字、true/false，或由它们组成的数组，请不要嵌套")


def _cleaned(raw: str) -> str:
    if len(raw) > MAX_CELL:
        raise ValueError(f"内容超过 {MAX_CELL} 个字，请缩短")
    return clean_text(raw)


def _excel_number(number: Decimal) -> str:
    if number.is_finite() and number.adjusted() >= EXCEL_DIGITS:
        raise ValueError(
            f"数字超过 {EXCEL_DIGITS} 位，Excel 已丢失末尾的数字，"
            "请先把单元格格式设为“文本”，再重新填写"
        )
    return _number(number)


def _number(number: Decimal) -> str:
    """Without exponent, without zeros at the end: 3, 0.1, 12000000."""
    exponent = number.as_tuple().exponent
    if (
        not isinstance(exponent, int)  # infinite or not a number
        or number.adjusted() >= MAX_DIGITS
        or -exponent > MAX_DIGITS
    ):
        raise ValueError("数字过大或小数位过多，请核对")
    if not number:
        return "0"
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(moment: dt.datetime) -> str:
    # Excel counts in fractions of a day: 18:00 may arrive as 17:59:59.9996.
    try:
        moment = (moment + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
    except OverflowError:
        raise ValueError("日期超出范围，请核对") from None
    day = moment.date().isoformat()
    clock = moment.time()
    return f"{day} {_clock(clock.hour, clock.minute, clock.second)}" if clock != dt.time() else day


def _clock(hours: int, minutes: int, seconds: int) -> str:
    return f"{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


# Tables with a heading row: CSV and Excel


def _read_grid(reading: _Reading, grid: Grid) -> tuple[list[str], dict[str, str]]:
    """Take over the rows of a grid that yields only lines with content."""
    line, cells = next(grid, (0, {}))
    if not line:
        reading.check()
        reading.refuse(_EMPTY)
    if line > 1:
        reading.refuse("第 1 行没有列名，请删除上方的空行或标题，让列名位于第 1 行")
    if max(cells) > MAX_COLUMNS:
        reading.refuse(f"超过 {MAX_COLUMNS} 列，请只保留要导入的列")
    headings = _headings(reading, cells)
    nameless: set[int] = set()
    for line, cells in grid:
        values: dict[str, Value] = {}
        for column, raw in cells.items():
            letter = get_column_letter(column)
            heading = headings.get(column, "")
            value = reading.value(line, place(heading, letter), raw)
            if value is None:
                continue
            if heading:
                values[heading] = value
            elif column not in nameless:
                nameless.add(column)
                reading.fault(line, _nameless(letter), place("", letter))
        reading.add(line, values)
    letters = {heading: get_column_letter(column) for column, heading in headings.items()}
    return list(letters), letters


def _nameless(letter: str) -> str:
    return (
        f"这一列有内容，但第 1 行没有列名，请在 {letter}1 填写列名或清空这一列"
        "（列名必须位于第 1 行，上方不能有合并的标题行）"
    )


def _headings(reading: _Reading, cells: dict[int, Any]) -> dict[int, str]:
    headings: dict[int, str] = {}
    columns: dict[str, str] = {}
    for column, raw in cells.items():
        letter = get_column_letter(column)
        heading = clean_heading(str(reading.value(1, place("", letter), raw) or ""))
        if not heading:
            continue
        if heading in columns:
            reading.fault(
                1,
                f"列名重复，{columns[heading]} 列也叫这个名称，请改名或删除其中一列",
                place(heading, letter),
            )
        columns.setdefault(heading, letter)
        headings[column] = heading
    return headings


def _decoded(reading: _Reading, content: bytes, fix: str) -> str:
    """UTF-8 text with plain newlines and no byte order mark."""
    if content.startswith(_ZIP):
        reading.refuse("内容是 Excel 工作簿，请把扩展名改为 .xlsx 后重试")
    if content.startswith(_OLE):
        reading.refuse("内容是旧版 Excel 文件，请用 Excel 或 WPS 打开后另存为 .xlsx")
    if content.startswith(_UTF_16):
        reading.refuse(f"文件是 UTF-16 编码，请{fix}")
    try:
        text = content.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.removeprefix(_BOM)[: error.start].count(b"\n") + 1
        reading.refuse(f"第 {line} 行起不是 UTF-8 编码，请{fix}", line)
    if not text.strip():
        reading.refuse(_EMPTY)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_csv(reading: _Reading, content: bytes) -> tuple[list[str], dict[str, str]]:
    text = _decoded(reading, content, "在 Excel 中另存为“CSV UTF-8（逗号分隔）”后重试")
    return _read_grid(reading, _csv_grid(reading, text))


def _csv_grid(reading: _Reading, text: str) -> Grid:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    width = 0
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # What follows a broken quote cannot be told apart any more.
            reading.fault(line, _quoting(str(error)))
            return
        cells = {column: raw for column, raw in enumerate(record, 1) if raw.strip()}
        if not cells:
            continue
        if not width:
            _check_delimiter(reading, record)
            width = len(record)
        if max(cells) > width:
            reading.fault(
                line,
                f"这一行有 {max(cells)} 格，列名只有 {width} 个；"
                "内容含逗号时，请用英文双引号把整格括起来",
            )
        yield line, {column: raw for column, raw in cells.items() if column <= width}


def _check_delimiter(reading: _Reading, headings: list[str]) -> None:
    found = _WRONG_DELIMITER.search(headings[0]) if len(headings) == 1 else None
    if found:
        reading.refuse(
            f"各列似乎是用{_WRONG_DELIMITERS[found[0]]}分隔的，请改用英文逗号，"
            "或在 Excel 中另存为“CSV UTF-8（逗号分隔）”后重试"
        )


def _quoting(error: str) -> str:
    if "unexpected end" in error or "field larger" in error:
        return "从这一行开始的英文双引号没有闭合，请补上右引号"
    return '英文双引号的用法有误，格内的双引号请写成两个（""），并把整格括起来'


# Excel


def _read_xlsx(reading: _Reading, content: bytes) -> tuple[list[str], dict[str, str]]:
    if content.startswith(_OLE):
        reading.refuse(
            "文件设有打开密码，或是旧版 .xls，请用 Excel 或 WPS 打开，取消密码后另存为 .xlsx"
        )
    if not content.startswith(_ZIP):
        reading.refuse("内容不是 Excel 工作簿；如果是 CSV，请把扩展名改为 .csv，否则请另存为 .xlsx")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_archive(reading, archive, len(content))
    except _BREAKS:
        reading.refuse(_BROKEN_WORKBOOK)
    # openpyxl warns of what it leaves out: drop-downs, default styles.
    with warnings.catch_warnings(action="ignore"):
        return _read_grid(reading, _xlsx_grid(reading, content))


def _check_archive(reading: _Reading, archive: zipfile.ZipFile, packed: int) -> None:
    """Refuse what would take memory or time out of all proportion (THREATS A13)."""
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if (
        len(members) > MAX_MEMBERS
        or unpacked > MAX_UNPACKED
        or (unpacked > UNPACKED_WHATEVER_THE_RATIO and unpacked > MAX_RATIO * packed)
    ):
        reading.refuse(_TOO_BIG_INSIDE)
    if any(member.flag_bits & 1 for member in members):
        reading.refuse("文件设有密码，请用 Excel 或 WPS 打开，取消密码后另存为 .xlsx")
    guard = _XmlGuard(reading)
    for member in members:
        with archive.open(member) as part:
            guard.check(part)


class _XmlGuard:
    """Reads the parts of a workbook ahead of openpyxl, keeping nothing, and refuses bombs."""

    def __init__(self, reading: _Reading) -> None:
        self._reading = reading
        self._elements = 0
        self._held = 0

    def check(self, part: Any) -> None:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.StartElementHandler = self._element
        parser.StartDoctypeDeclHandler = self._doctype
        self._held = 0
        read = 0
        try:
            while chunk := part.read(65536):
                parser.Parse(chunk)
                read += len(chunk)
                if read - parser.CurrentByteIndex > MAX_TOKEN:
                    self._reading.refuse(_BROKEN_WORKBOOK)
        except expat.ExpatError:
            # A picture, or XML on which openpyxl's parser stops at this same byte.
            return

    def _element(self, name: str, _attributes: dict[str, str]) -> None:
        self._elements += 1
        self._held = 0 if name.endswith(("}row", "}si")) else self._held + 1
        if self._elements > MAX_ELEMENTS or self._held > MAX_ELEMENTS_HELD:
            self._reading.refuse(_TOO_BIG_INSIDE)

    def _doctype(self, *_declaration: object) -> None:
        # Entities are declared nowhere else, and no workbook may have one (ECMA-376 part 2).
        self._reading.refuse(_BROKEN_WORKBOOK)


def _xlsx_grid(reading: _Reading, content: bytes) -> Grid:
    """The first sheet that a person sees."""
    try:
        workbook: Any = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        with closing(workbook):
            sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
            if not sheets:
                reading.refuse("工作簿中没有可见的工作表，请把数据放在第一个工作表")
            for line, cells in _xml_rows(workbook, sheets[0]):
                row = {cell["column"]: cell["value"] for cell in cells if _has_content(cell)}
                if row:
                    get_column_letter(max(row))  # ValueError: no such column
                    yield line, row
    except _BREAKS:
        reading.refuse(_BROKEN_WORKBOOK)


def _has_content(cell: dict[str, Any]) -> bool:
    value = cell["value"]
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _xml_rows(workbook: Any, sheet: Any) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """The rows that are written down, each with its number and cells.

    ``ReadOnlyWorksheet.iter_rows`` would make up the missing ones, to the last of a million; and
    ``WorkSheetParser.parse`` fails on faulty filters and formats behind the data.
    """
    chinese_dates = {
        index
        for index, style in enumerate(workbook._cell_styles)
        if style.numFmtId in CHINESE_DATE_FORMATS
    }
    with sheet._get_source() as source:
        parser = _CellParser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=workbook.epoch,
            date_formats=workbook._date_formats | chinese_dates,
            timedelta_formats=workbook._timedelta_formats,
        )
        for _, element in ET.iterparse(source):  # noqa: S314 - after _XmlGuard
            if element.tag == worksheet_xml.ROW_TAG:
                if not any(len(cell) for cell in element):
                    del element[:]  # cells that have a format alone, up to a million rows of them
                yield parser.parse_row(element)  # type: ignore[arg-type]
                element.clear()
            elif element.tag == worksheet_xml.DATA_TAG:
                return


class _CellParser(worksheet_xml.WorkSheetParser):
    """openpyxl's parser, which tells apart empty cells, errors and formulas never computed."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        value = cell["value"]
        if cell["data_type"] == "e" and value is not None:
            cell["value"] = _Unusable(f"单元格是错误值 {value}，请改成正确的内容或清空")
        elif (
            value is None
            and cell["data_type"] == "n"  # not the empty text that ="" gives
            and element.find(worksheet_xml.FORMULA_TAG) is not None
        ):
            cell["value"] = _Unusable(
                "公式还没有计算结果，请用 Excel 或 WPS 打开并保存一次，或粘贴为数值"
            )
        elif isinstance(value, str):
            cell["value"] = value.replace("_x000D_", "\r")  # how Excel writes that character
        return cell


# JSON Lines


@dataclass(frozen=True)
class _Object:
    """A JSON object as written, duplicate keys and all."""

    pairs: list[tuple[str, Any]]


def _json_number(text: str) -> Decimal | _Unusable:
    try:
        return Decimal(text)
    except InvalidOperation:
        return _Unusable("数字过大或小数位过多，请核对")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Object,
    parse_int=_json_number,
    parse_float=_json_number,
    parse_constant=lambda name: _Unusable(f"不能使用 {name}，没有数值时请写 null"),
)


def _read_jsonl(reading: _Reading, content: bytes) -> tuple[list[str], dict[str, str]]:
    text = _decoded(reading, content, "另存为 UTF-8 后重试")
    headings: dict[str, None] = {}
    for line, ended in enumerate(io.StringIO(text, newline="\n"), 1):
        written = ended.rstrip()
        if not written:
            continue
        try:
            data = _DECODER.decode(written)
        except json.JSONDecodeError as error:
            reading.fault(
                line,
                f"第 {error.pos + 1} 个字附近不是有效的 JSON，请检查引号、逗号和括号"
                "（每行写一个完整的对象）",
            )
            continue
        except RecursionError:
            reading.fault(line, "嵌套层数过多，请每行写一个不嵌套的对象")
            continue
        if isinstance(data, _Object):
            reading.add(line, _json_values(reading, line, data, headings))
        else:
            reading.fault(line, '这一行不是 JSON 对象，应形如 {"名称": "值"}')
    return list(headings), {}


def _json_values(
    reading: _Reading, line: int, data: _Object, headings: dict[str, None]
) -> dict[str, Value]:
    values: dict[str, Value] = {}
    seen: set[str] = set()
    for key, raw in data.pairs:
        try:
            heading = clean_heading(key)
        except ValueError as error:
            reading.fault(line, f"键不能使用：{error}")
            continue
        if not heading:
            reading.fault(line, "有一个键是空的，请写上名称")
            continue
        if heading in seen:
            reading.fault(line, "这个键在同一行中出现了两次，请删除其中一个", heading)
            continue
        seen.add(heading)
        headings.setdefault(heading)
        value = reading.value(line, heading, raw)
        if value is not None:
            values[heading] = value
    return values


_READERS = {".xlsx": _read_xlsx, ".csv": _read_csv, ".jsonl": _read_jsonl}
