"""Somebody signs up, registers an organization, and has it verified by an administrator."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.evidence import png
from tests.journeys.conftest import PASSWORD, Mailbox, Visitor
from tests.processes import wait_until
from tests.records import GUANGZHOU, credit_code, make_administrator, user_of

pytestmark = pytest.mark.browser

APPLICANT = "zhang@example.org"
NAME = "广州云鲸智能科技有限公司"
RIGHT = credit_code(800_001)
WRONG = RIGHT[:-1] + ("A" if RIGHT[-1] != "A" else "B")


def reviewer_of_guangzhou() -> str:
    user = user_of(make_administrator("content", city=GUANGZHOU))
    user.set_password(PASSWORD)
    user.save()
    return user.email


def sign_up(visitor: Visitor, mailbox: Mailbox) -> None:
    page = visitor.page
    visitor.open("/")
    visitor.unfold_menu()
    visitor.follow(page.get_by_role("banner").get_by_role("link", name="登录"))
    visitor.follow(page.locator("main").get_by_role("link", name="注册"))
    page.get_by_label("电子邮箱").fill(APPLICANT)
    page.get_by_label("姓名").fill("张三")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    visitor.press("注册")
    expect(page.get_by_role("alert")).to_contain_text("须同意后才能注册")
    visitor.check()
    page.get_by_label("我已阅读并同意").check()
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    visitor.press("注册")
    expect(page.get_by_role("heading", level=1)).to_have_text("验证电子邮箱")
    visitor.check()
    page.goto(mailbox.link(APPLICANT, "验证电子邮箱"))
    visitor.check()
    visitor.press("确认")


def register(visitor: Visitor) -> None:
    page = visitor.page
    visitor.follow(page.get_by_role("link", name="登记我的单位"))
    answer = page.locator("[data-identifier-answer]")
    page.get_by_label("证件号码").fill(WRONG)
    expect(answer).to_contain_text("校验位不符")
    visitor.check()
    page.get_by_label("证件号码").fill(RIGHT)
    expect(answer).to_have_text("号码格式正确，尚未登记。")
    page.get_by_label("名称", exact=True).fill(NAME)
    page.get_by_label("法定代表人").fill("李四")
    page.get_by_label("城市", exact=True).select_option(GUANGZHOU)
    page.get_by_label("发布场景").check()
    page.get_by_label("提供能力").check()
    page.get_by_label("专精特新企业").check()
    visitor.press("保存，下一步")
    expect(page.get_by_role("heading", level=1)).to_contain_text("证明材料")
    upload(visitor, "营业执照或登记证书", "执照.png")
    upload(visitor, "专精特新企业", "专精特新证书.png")
    visitor.check()
    visitor.press("提交核验")
    expect(page.get_by_role("heading", level=1)).to_contain_text("待核验")
    visitor.check()


def upload(visitor: Visitor, kind: str, name: str) -> None:
    page = visitor.page
    page.get_by_label("证明什么").select_option(label=kind)
    page.get_by_label("文件").set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": png(600, 400)}
    )
    visitor.press("上传")
    expect(page.get_by_text(f"已上传：{kind}。")).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_be_visible()


def test_organization_is_registered_mended_and_verified(
    arriving: Callable[[], Visitor], mailbox: Mailbox, news: None
) -> None:
    applicant, administrator = arriving(), arriving()
    page, desk = applicant.page, administrator.page
    reviewer = reviewer_of_guangzhou()

    sign_up(applicant, mailbox)
    applicant.sign_in(APPLICANT)
    applicant.check()
    register(applicant)

    administrator.sign_in(reviewer)
    administrator.open("/administration/")
    administrator.follow(desk.get_by_role("link", name="核验组织").first)
    administrator.check()
    administrator.follow(desk.get_by_role("link", name=NAME))
    scan = desk.get_by_role("img", name="营业执照或登记证书")
    scan.scroll_into_view_if_needed()
    expect(scan).to_have_js_property("naturalWidth", 600)
    administrator.check()
    administrator.follow(desk.get_by_role("link", name="退回补正"))
    desk.get_by_label("总的意见").fill("请更正法定代表人后重新提交。")
    desk.get_by_label("法定代表人").fill("执照上是李四光。")
    administrator.check()
    administrator.press("退回补正")
    expect(desk.get_by_text(f"“{NAME}”已退回补正。")).to_be_visible()

    applicant.open("/my/")
    applicant.check()
    applicant.follow(page.get_by_role("region", name="待办").get_by_role("link", name=NAME))
    expect(page.get_by_text("请更正法定代表人后重新提交。").first).to_be_visible()
    applicant.check()
    applicant.follow(page.get_by_role("link", name="修改资料"))
    expect(page.get_by_text("执照上是李四光。")).to_be_visible()
    applicant.check()
    page.get_by_label("法定代表人").fill("李四光")
    applicant.press("保存，下一步")
    applicant.press("提交核验")
    expect(page.get_by_role("heading", level=1)).to_contain_text("待核验")

    administrator.open("/administration/organizations/")
    administrator.follow(desk.get_by_role("link", name=NAME))
    administrator.press("核验通过")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("已核验")

    reading_the_notice(applicant)
    publishing_a_capability(applicant)


def reading_the_notice(visitor: Visitor) -> None:
    page = visitor.page
    notice = page.get_by_role("button", name="核验", exact=False)

    def arrived() -> bool:
        visitor.open("/notifications/")
        return notice.count() > 0

    wait_until(arrived, what="the notice")
    visitor.check()
    visitor.follow(notice.first)
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(page.get_by_text("专精特新企业").first).to_be_visible()
    visitor.check()


def publishing_a_capability(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open("/my/")
    visitor.follow(page.get_by_role("link", name="登记能力"))
    page.get_by_label("名称", exact=True).fill("云鲸巡检机器人")
    page.get_by_label("查找标签").fill("具身智能机器人")
    page.locator("input[value=gd-2024-embodied-robots]").check()
    visitor.press("保存并发布")
    expect(page.get_by_text("已保存并发布。")).to_be_visible()
    visitor.check()
