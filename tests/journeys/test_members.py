"""An owner invites a colleague, hands the organization over, and leaves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from accounts.models import User
from organizations.models import Membership
from tests.journeys.conftest import PASSWORD, Mailbox, Visitor
from tests.records import GUANGZHOU, make_organization

pytestmark = pytest.mark.browser

OWNER, COLLEAGUE = "owner@example.org", "colleague@example.org"
NAME = "广州港务集团"


def make_owned() -> str:
    """The address of the page of its members."""
    organization = make_organization(NAME, city=GUANGZHOU)
    user = User.objects.create_user(OWNER, PASSWORD, name="王主任")
    Membership.objects.create(organization=organization, user=user, role="owner")
    return f"{organization.get_absolute_url()}members/"


def row_of(visitor: Visitor, name: str) -> Locator:
    return visitor.page.locator("tbody tr").filter(has_text=name)


def give_role(visitor: Visitor, name: str, role: str) -> None:
    row_of(visitor, name).get_by_role("combobox").select_option(label=role)
    visitor.follow(row_of(visitor, name).get_by_role("button", name="更改角色"))


def leave(visitor: Visitor) -> None:
    visitor.follow(visitor.page.get_by_role("link", name="退出这个组织"))
    visitor.press("确认退出")


def join_from_the_invitation(visitor: Visitor, mailbox: Mailbox) -> None:
    """Without an account: one signs up from the invitation and comes back to it."""
    page = visitor.page
    page.goto(mailbox.link(COLLEAGUE, "邀请您加入"))
    visitor.check()
    visitor.follow(page.get_by_role("link", name="注册账号"))
    page.get_by_label("电子邮箱").fill(COLLEAGUE)
    page.get_by_label("姓名").fill("赵同事")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("我已阅读并同意").check()
    visitor.press("注册")
    page.goto(mailbox.link(COLLEAGUE, "验证电子邮箱"))
    visitor.press("确认")
    visitor.check()
    page.get_by_label("电子邮箱").fill(COLLEAGUE)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    visitor.press("登录")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"加入“{NAME}”的邀请")
    visitor.check()
    visitor.press("接受邀请")
    expect(page.get_by_text(f"您已加入“{NAME}”。")).to_be_visible()
    visitor.check()


def test_colleague_joins_by_invitation_and_takes_over(
    arriving: Callable[[], Visitor], mailbox: Mailbox, news: None
) -> None:
    members = make_owned()
    owner, colleague = arriving(), arriving()
    page = owner.page

    owner.sign_in(OWNER)
    owner.open(f"{members}leave/")
    expect(page.get_by_role("heading", level=1)).to_have_text("还不能退出")
    expect(page.get_by_role("button", name="确认退出")).to_have_count(0)
    owner.check()
    owner.follow(page.locator("main").get_by_role("link", name="成员").last)
    page.get_by_label("电子邮箱").fill(COLLEAGUE)
    page.locator("#id_role").select_option(label="编辑")
    owner.press("发出邀请")
    expect(page.get_by_text(f"邀请已发往 {COLLEAGUE}")).to_be_visible()
    owner.check()

    join_from_the_invitation(colleague, mailbox)
    colleague.open(members)
    expect(row_of(colleague, "赵同事")).to_contain_text("编辑")
    expect(colleague.page.get_by_role("button", name="更改角色")).to_have_count(0)
    colleague.check()

    owner.open(members)
    give_role(owner, "赵同事", "查看")
    expect(page.get_by_text("赵同事 的角色已改为“查看”。")).to_be_visible()
    give_role(owner, "赵同事", "负责人")
    owner.check()
    leave(owner)
    expect(page.get_by_text(f"您已退出“{NAME}”。")).to_be_visible()
    expect(page.get_by_text("您的账号还没有加入任何组织")).to_be_visible()
    owner.check()

    colleague.open(members)
    expect(row_of(colleague, "王主任")).to_have_count(0)
    colleague.follow(colleague.page.get_by_role("link", name="退出这个组织"))
    expect(colleague.page.get_by_role("heading", level=1)).to_have_text("还不能退出")
    colleague.open(members)
    expect(row_of(colleague, "赵同事")).to_be_visible()
    colleague.check()


def test_colleague_with_an_account_answers_from_the_workspace(
    arriving: Callable[[], Visitor],
) -> None:
    members = make_owned()
    User.objects.create_user(COLLEAGUE, PASSWORD, name="赵同事", phone="13800138000")
    owner, colleague = arriving(), arriving()
    page = owner.page

    owner.sign_in(OWNER)
    owner.open(members)
    page.get_by_label("电子邮箱").fill(COLLEAGUE)
    owner.press("发出邀请")

    colleague.sign_in(COLLEAGUE)
    expect(colleague.page.get_by_text("您有 1 个加入邀请")).to_be_visible()
    colleague.check()
    colleague.follow(colleague.page.get_by_role("link", name="查看并答复"))
    colleague.press("接受邀请")
    expect(colleague.page.get_by_text(f"您已加入“{NAME}”。")).to_be_visible()
    colleague.open("/my/")
    expect(colleague.page.get_by_text("加入邀请")).to_have_count(0)

    owner.open(members)
    row = row_of(owner, "赵同事")
    expect(row).to_contain_text("c***@example.org")
    expect(row).to_contain_text("138****8000")
    owner.check()
    row.get_by_role("button", name="显示").click()
    expect(row).to_contain_text(COLLEAGUE)
    expect(row).to_contain_text("13800138000")
    owner.check()
    owner.open(members)
    expect(row).not_to_contain_text(COLLEAGUE)
