"""The files of judged pairs that ``manage.py evaluate_ranking`` measures with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from common.errors import InvalidFiles, Problem
from matching.engine.evaluation import Achievement, Collection, Need

NEEDS = "needs.jsonl"
ACHIEVEMENTS = "achievements.jsonl"
JUDGEMENTS = "judgements.tsv"
FILES = (NEEDS, ACHIEVEMENTS, JUDGEMENTS)

LEVELS = {str(level): level for level in (1, 2, 3, 4)}


def parse_collection(contents: Mapping[str, bytes]) -> Collection:
    """The collection in the bytes of ``FILES`` by name; a name left out is a missing file.

    Fields beyond those of the format are ignored. Raises InvalidFiles with every fault found.
    """
    problems: list[Problem] = []
    needs = _records(NEEDS, ("need", "title", "body"), contents, problems)
    achievements = _records(ACHIEVEMENTS, ("achievement", "title"), contents, problems)
    # Ids are only looked up in files without fault: one bad line must not cast doubt on all
    # judgements that name it.
    faulty = {problem.file for problem in problems}
    known = {
        "need": None if NEEDS in faulty else {key for key, *_ in needs},
        "achievement": None if ACHIEVEMENTS in faulty else {key for key, *_ in achievements},
    }
    judgements = _judgements(contents, known, problems)
    if problems:
        raise InvalidFiles("评测数据有误", problems)
    return Collection.of(
        (Need(*record) for record in needs),
        (Achievement(*record) for record in achievements),
        judgements,
    )


def _lines(
    name: str, contents: Mapping[str, bytes], problems: list[Problem]
) -> list[tuple[int, str]]:
    """The lines that hold anything, each with its number (from 1); at least one, or a problem."""
    if name not in contents:
        problems.append(Problem(name, 1, "", "没有这个文件"))
        return []
    try:
        text = contents[name].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problems.append(Problem(name, line, "", "文件不是 UTF-8 编码，请另存为 UTF-8 后重试"))
        return []
    # str.splitlines would also break at U+2028 and others, which may stand inside a text.
    lines = [
        (number, line.removesuffix("\r"))
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip()
    ]
    if not lines:
        problems.append(Problem(name, 1, "", "文件是空的"))
    return lines


def _records(
    name: str, fields: tuple[str, ...], contents: Mapping[str, bytes], problems: list[Problem]
) -> list[tuple[str, ...]]:
    """The faultless objects of a JSON Lines file as values of ``fields``; the first is the id."""
    records = []
    first_lines: dict[str, int] = {}
    for number, line in _lines(name, contents, problems):
        try:
            data = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(Problem(name, number, "", f"JSON 无法解析：{error}"))
            continue
        if not isinstance(data, dict):
            problems.append(Problem(name, number, "", "应为“名称: 值”的结构"))
            continue
        faults = [
            Problem(name, number, field, fault)
            for field in fields
            if (fault := _fault(data, field))
        ]
        if not faults:
            key = data[fields[0]]
            if first_lines.setdefault(key, number) != number:
                message = f"编号 “{key}” 重复，第 {first_lines[key]} 行已有"
                faults.append(Problem(name, number, fields[0], message))
        problems.extend(faults)
        if not faults:
            records.append(tuple(data[field] for field in fields))
    return records


def _fault(data: dict[str, Any], field: str) -> str:
    """What is wrong with a field, "" for nothing."""
    if field not in data:
        return "缺少这一项"
    value = data[field]
    if not isinstance(value, str):
        return "应为文字（数字请加引号）"
    if field != "body" and not value.strip():
        return "不能为空"
    # JSON can write half a character (a lone surrogate), which no segmenter takes.
    if any("\ud800" <= character <= "\udfff" for character in value):
        return "含有不完整的字符"
    return ""


def _judgements(
    contents: Mapping[str, bytes], known: Mapping[str, set[str] | None], problems: list[Problem]
) -> list[tuple[str, str, int]]:
    """(need, achievement, level) of each faultless row; columns are found by their names."""
    lines = _lines(JUDGEMENTS, contents, problems)
    if not lines:
        return []
    header_line, header = lines[0]
    names = header.split("\t")
    columns = ("need", "achievement", "level")
    if missing := [column for column in columns if column not in names]:
        problems.extend(Problem(JUDGEMENTS, header_line, each, "缺少这一列") for each in missing)
        return []
    if len(lines) == 1:
        problems.append(Problem(JUDGEMENTS, header_line, "", "只有列名，没有数据"))
    rows = []
    for number, line in lines[1:]:
        cells = line.split("\t")
        if len(cells) != len(names):
            message = f"应有 {len(names)} 列，实有 {len(cells)} 列"
            problems.append(Problem(JUDGEMENTS, number, "", message))
            continue
        need, achievement, level = (cells[names.index(column)] for column in columns)
        faults = [
            Problem(JUDGEMENTS, number, field, f"没有编号为 “{key}” 的记录")
            for field, key in (("need", need), ("achievement", achievement))
            if (keys := known[field]) is not None and key not in keys
        ]
        if level not in LEVELS:
            faults.append(Problem(JUDGEMENTS, number, "level", f"应为 1 至 4，现为 “{level}”"))
        problems.extend(faults)
        if not faults:
            rows.append((need, achievement, LEVELS[level]))
    return rows
