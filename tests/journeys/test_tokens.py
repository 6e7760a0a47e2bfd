"""An owner makes a token for a program, having proved again who they are."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PASSWORD, Visitor
from tests.records import make_member, make_organization, user_of

pytestmark = pytest.mark.browser


def test_owner_proves_again_and_makes_a_token(visitor: Visitor) -> None:
    organization = make_organization("岭南港务")
    owner = user_of(make_member(organization, "owner"))
    owner.set_password(PASSWORD)
    owner.save()
    page = visitor.page

    visitor.sign_in(owner.email)
    visitor.open(f"/organizations/{organization.public_id}/tokens/")
    visitor.follow(page.get_by_role("link", name="创建令牌"))
    visitor.check()
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    visitor.press("继续")
    page.get_by_label("名称").fill("内网系统")
    visitor.check()
    visitor.press("创建并显示令牌")
    expect(page.get_by_label("内网系统")).to_have_value(re.compile(r"sbt_[a-z0-9]{10}_\S{43}"))
    visitor.check()
    visitor.follow(page.get_by_role("link", name="已经保存，返回令牌列表"))
    expect(page.locator("tbody tr")).to_contain_text("内网系统")
