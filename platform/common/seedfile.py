"""YAML files checked against pydantic models, every fault with its file, line and field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from common.errors import Problem
from common.validation import explain

M = TypeVar("M", bound=BaseModel)
Location = tuple[int | str, ...]
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class SeedModel(BaseModel):
    """Base of all seed entries: unknown keys are faults, text is stripped, values are frozen."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    @field_validator("*", mode="after")
    @classmethod
    def _no_control_characters(cls, value: Any) -> Any:
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and CONTROL.search(text) for text in texts):
            raise ValueError("不得含有控制字符")
        return value


@dataclass(frozen=True)
class SeedFile(Generic[M]):
    """A parsed file: its content and the node tree that knows the lines."""

    name: str
    content: M
    root: yaml.Node

    def problem(self, location: Location, message: str) -> Problem:
        """A fault found after parsing, such as a code that names nothing."""
        return Problem(self.name, line_of(self.root, location), _dotted(location), message)


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """SafeLoader whose every fault has a place, and that refuses a key written twice."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (ValueError, TypeError, OverflowError) as error:
            # 2025-09-31, a list as key, a number of a thousand digits.
            raise yaml.constructor.ConstructorError(
                None, None, f"这个值无法识别（{error}）", node.start_mark
            ) from None


def _mapping_without_duplicates(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"同一层中重复的键 “{key}”", key_node.start_mark
            )
        seen.add(key)
    mapping: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return mapping


_StrictLoader.add_constructor(
    yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_duplicates
)


class _Unreadable(Exception):
    """The bytes are no YAML; holds line and message."""


def parse(content: bytes, model: type[M], *, name: str) -> tuple[SeedFile[M] | None, list[Problem]]:
    """Parse a file's bytes; returns the file, or ``None`` and every fault that was found."""
    try:
        root, data = _load(content)
    except _Unreadable as error:
        line, message = error.args
        return None, [Problem(name, line, "", message)]
    try:
        parsed = model.model_validate(data)
    except ValidationError as error:
        return None, [
            Problem(name, line_of(root, item["loc"]), _dotted(item["loc"]), explain(item))
            for item in error.errors()
        ]
    return SeedFile(name, parsed, root), []


def _load(content: bytes) -> tuple[yaml.Node, Any]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _Unreadable(line, "文件不是 UTF-8 编码，请另存为 UTF-8 后重试") from None
    loader = _StrictLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise _Unreadable(1, "文件是空的")
        return root, loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _Unreadable(line, f"YAML 无法解析：{error.problem}") from None
    except yaml.YAMLError as error:
        raise _Unreadable(1, f"YAML 无法解析：{error}") from None
    except RecursionError:
        raise _Unreadable(1, "嵌套层数过多") from None
    finally:
        loader.dispose()


def line_of(root: yaml.Node, location: Location) -> int:
    """The line (from 1) of the deepest node on the way to ``location`` that exists."""
    node = root
    line = node.start_mark.line + 1
    for step in location:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key_node, value_node in node.value:
                if key_node.value == str(step):
                    found, line = value_node, key_node.start_mark.line + 1
        elif (
            isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value)
        ):
            found = node.value[step]
            line = found.start_mark.line + 1
        if found is None:
            break
        node = found
    return line


def _dotted(location: Location) -> str:
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
