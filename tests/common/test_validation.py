"""Every fault that facts can have is told in words, never in pydantic's English."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from capabilities.facts import CapabilityFacts, ProductFacts
from common.facts import Facts
from common.validation import explain
from organizations.facts import OrganizationFacts
from scenarios.facts import ScenarioFacts


def said(model: type[Facts], **values: object) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate({"name": "甲", **values})
    return [explain(error) for error in refused.value.errors()]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "甲" * 121}, "最多 120 个字"),
        ({"name": " "}, "不能为空"),
        ({"name": None}, "应为文字（数字请加引号）"),
        ({"concepts": ["a", "b", "c", "d", "e", "f", "g", "h", "i"]}, "最多 8 项"),
        ({"deadline": "2026-11-21T18:00"}, "时间要注明时区，例如 2026-11-21T18:00+08:00"),
        ({"deadline": "明天"}, "应为时间，例如 2026-11-21 18:00"),
        ({"readiness_min": 0}, "不能小于 1"),
        ({"readiness_min": "高"}, "应为整数"),
        ({"budget_min_fen": float("inf")}, "应为有限的数"),
        ({"budget_min_fen": 1.5}, "应为整数"),
        ({"kind": "试用"}, None),
        ({"unheard_of": 1}, "没有这个名称的项，请检查拼写"),
    ],
)
def test_fault_of_a_scenario_is_told_in_chinese(
    values: dict[str, object], message: str | None
) -> None:
    (told,) = said(ScenarioFacts, **values)

    if message is None:
        assert re.fullmatch(r"应为以下之一：('\w+', )*'\w+' 或 '\w+'", told)
    else:
        assert told == message


def test_no_fault_of_any_noun_is_told_in_english() -> None:
    odd = [None, 1, 1.5, "", "x" * 9000, [], {}, [None], [1], [["a"]], b"\xff", True, -1, 10**30]
    for model in (ScenarioFacts, CapabilityFacts, ProductFacts, OrganizationFacts):
        for field in model.model_fields:
            for value in odd:
                try:
                    model.model_validate({field: value})
                except ValidationError as error:
                    for each in error.errors():
                        told = explain(each)
                        assert re.search("[\u4e00-\u9fff]", told), (model, field, value, told)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"name": "甲"', "第 1 行第 "),
        ('{\n "name": }', "第 2 行第 10 列附近"),
        ("name=甲", "第 1 行第 "),
    ],
)
def test_place_where_json_ends_to_be_json_is_told_without_english(text: str, place: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ScenarioFacts.model_validate_json(text)
    (told,) = [explain(error) for error in refused.value.errors()]

    assert told.startswith(place)
    assert "不是有效的 JSON" in told
    assert not re.search("[a-z]", told)
