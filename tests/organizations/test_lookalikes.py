"""Names that a hurried reader takes for the same."""

import pytest

from organizations.lookalikes import skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("广州港股份有限公司", "广州港有限公司"),
        ("广州港（集团）有限公司", "广州港"),
        ("广州市港务", "广州港务"),
        ("未来科技有限公司", "末来科技有限公司"),
        ("日新材料", "曰新材料"),
        ("己方智能", "已方智能"),
        ("ACME机器人", "АСМЕ机器人"),
        ("ＡＣＭＥ 机器人", "acme机器人"),
        ("國芯電子", "国芯电子"),
        ("Robo1 Ltd.", "ROBOl LIMITED"),
        ("甲·乙科技", "甲乙科技"),
    ],
)
def test_names_that_look_alike_share_a_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("广州港", "深圳港"), ("甲科技", "乙科技"), ("有限公司", "集团公司"), ("一号", "三号")],
)
def test_other_names_do_not(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)
