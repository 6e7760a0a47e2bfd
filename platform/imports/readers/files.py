"""From a path or an upload to a table."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

from imports.readers.delimited import read_csv
from imports.readers.json_lines import read_jsonl
from imports.readers.table import EMPTY, Progress, Reading, Table
from imports.readers.workbook import read_xlsx

MAX_BYTES = 20 * 1024 * 1024  # 平台默认

_TOO_LARGE = f"文件超过 {MAX_BYTES // 1024 // 1024} MB，请拆成几个文件分别导入"
# Each gives the headings with the letters of their columns, or "" where there are no columns.
_READERS = {".xlsx": read_xlsx, ".csv": read_csv, ".jsonl": read_jsonl}


def read_file(path: Path, *, progress: Progress | None = None) -> Table:
    """``read_table`` of a file on disk, whose size is checked before it is read."""
    reading = Reading(path.name or str(path))
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
    reading = Reading(name, progress)
    suffix = Path(name).suffix.lower()
    read = _READERS.get(suffix)
    if read is None:
        reading.refuse(_unknown(suffix))
    if len(content) > MAX_BYTES:
        reading.refuse(_TOO_LARGE)
    if not content:
        reading.refuse(EMPTY)
    headings = read(reading, content)
    reading.check()
    if not reading.rows:
        reading.refuse("文件只有列名，没有数据行，请从第 2 行起填写后重新上传")
    if progress:
        progress(len(reading.rows))
    letters = {heading: letter for heading, letter in headings.items() if letter}
    digest = hashlib.sha256(content).hexdigest()
    return Table(name, list(headings), reading.rows, letters, digest)


def _unknown(suffix: str) -> str:
    if suffix in {".xls", ".xlsm", ".xlsb", ".et", ".ods"}:
        return f"不支持 {suffix} 文件，请用 Excel 或 WPS 打开后另存为 .xlsx"
    if suffix == ".json":
        return "不支持 .json 文件，请改为 .jsonl（JSON Lines：每行一个对象）"
    return f"不支持{f' {suffix} ' if suffix else '没有扩展名的'}文件，请使用 .xlsx、.csv 或 .jsonl"
