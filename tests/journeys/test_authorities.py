"""A system administrator appoints a colleague and delegates; the auditor finds both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import expect

from accounts.models import User
from common.contact import mask_email
from tests.journeys.conftest import PASSWORD, Visitor
from tests.records import GUANGZHOU, make_administrator, make_organization, user_of

pytestmark = pytest.mark.browser

COLLEAGUE = "qian@example.org"
OPERATOR = "广州场景创新中心"


def with_password(duty: str) -> str:
    user = user_of(make_administrator(duty))
    user.set_password(PASSWORD)
    user.save()
    return user.email


def test_auditor_finds_an_appointment_and_a_delegation(arriving: Callable[[], Visitor]) -> None:
    operator = make_organization(OPERATOR, city=GUANGZHOU, capacities=["serve"])
    User.objects.create_user(COLLEAGUE, PASSWORD, name="钱科长")
    administrator, auditor = arriving(), arriving()
    page, desk = administrator.page, auditor.page

    head = with_password("system")
    administrator.sign_in(head)
    administrator.unfold_menu()
    administrator.check()
    header = page.get_by_role("banner")
    if (page.viewport_size or {})["width"] > 1000:
        assert header.evaluate("each => each.offsetHeight") < 70, "all entries stand in one row"
    administrator.follow(header.get_by_role("link", name="管理", exact=True))
    administrator.check()
    administrator.follow(page.get_by_role("link", name="主管部门和人员"))
    administrator.check()
    administrator.follow(page.locator("tbody th a").first)
    administrator.check()
    administrator.follow(page.get_by_role("link", name="任命人员"))
    page.get_by_label("邮箱").fill(COLLEAGUE)
    page.get_by_label("内容管理").check()
    page.get_by_label("审计管理").check()
    administrator.press("任命")
    expect(page.get_by_role("alert")).to_contain_text("审计管理")
    administrator.faults.clear()  # the browser reports the status of the refusal
    administrator.check()
    page.get_by_label("审计管理").uncheck()
    administrator.press("任命")
    expect(page.locator("tbody tr").filter(has_text="钱科长")).to_contain_text("内容管理")
    administrator.check()
    administrator.follow(page.get_by_role("link", name="委托运营机构"))
    page.get_by_label("统一社会信用代码").fill(operator.identifier)
    page.get_by_label("内容管理").check()
    page.get_by_label("委托至").fill(str(localdate() + timedelta(days=365)))
    administrator.check()
    administrator.press("委托")
    expect(page.locator("tbody tr").filter(has_text=OPERATOR)).to_contain_text("内容管理")
    administrator.check()

    auditor.sign_in(with_password("audit"))
    auditor.open("/administration/")
    auditor.follow(desk.get_by_role("link", name="操作审计"))
    auditor.check()
    desk.get_by_label("操作名称或代码").fill("任命")
    auditor.follow(desk.get_by_role("button", name="查询"))
    appointed = desk.locator("tbody tr").filter(has_text="钱科长")
    expect(appointed).to_contain_text(mask_email(head))
    auditor.check()
    desk.get_by_label("操作名称或代码").fill("委托")
    auditor.follow(desk.get_by_role("button", name="查询"))
    delegated = desk.locator("tbody tr").filter(has_text=OPERATOR)
    expect(delegated).to_contain_text(mask_email(head))
    expect(delegated.get_by_role("cell").last).to_have_text(OPERATOR)
    auditor.follow(delegated.get_by_role("link"))
    expect(desk.get_by_role("heading", level=1)).to_contain_text(OPERATOR)
    expect(desk.get_by_text("127.0.0.1")).to_be_visible()
    auditor.check()
