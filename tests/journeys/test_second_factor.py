"""A newly appointed administrator sets up second factors and signs in with each."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from tests.journeys.conftest import PASSWORD, Visitor
from tests.records import make_administrator, totp_code, user_of

pytestmark = pytest.mark.browser

# What a phone or a laptop with a finger reader is: it keeps keys and knows its owner.
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def newly_appointed() -> str:
    user = user_of(make_administrator("content"))
    Authenticator.objects.filter(user=user).delete()
    user.set_password(PASSWORD)
    user.save()
    return user.email


def give_password(visitor: Visitor, email: str) -> None:
    visitor.open("/accounts/login/?next=/administration/")
    visitor.page.get_by_label("电子邮箱").fill(email)
    visitor.page.get_by_label("密码", exact=True).fill(PASSWORD)
    visitor.press("登录")


def prove(visitor: Visitor) -> None:
    """Whatever weakens or adds a factor asks for the password again."""
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("请再次验证身份")
    visitor.check()
    visitor.page.get_by_label("密码", exact=True).fill(PASSWORD)
    visitor.press("继续")


def give_code(visitor: Visitor, code: str) -> None:
    visitor.page.get_by_label("验证码").fill(code)
    visitor.press("登录")


def test_administrator_is_led_to_a_second_factor_and_signs_in_with_each(visitor: Visitor) -> None:
    email, page = newly_appointed(), visitor.page

    give_password(visitor, email)
    page.get_by_label("我已阅读并同意").check()
    visitor.press("同意并继续")
    expect(page.get_by_role("status")).to_contain_text("请先设置两步验证")
    visitor.check()
    visitor.open("/my/")
    expect(page.get_by_role("heading", level=1)).to_have_text("两步验证")

    visitor.follow(page.get_by_role("link", name="设置验证器应用"))
    prove(visitor)
    page.get_by_text("不能扫码").click()
    secret = page.locator("code.secret").inner_text()
    page.get_by_label("验证码").fill("123")
    visitor.press("开启")
    expect(page.get_by_role("alert")).to_contain_text("验证码")
    visitor.faults.clear()
    visitor.check()
    page.get_by_label("验证码").fill(totp_code(secret=secret))
    visitor.press("开启")
    expect(page.get_by_role("heading", level=1)).to_have_text("恢复码")
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert len(set(codes)) == 10
    visitor.check()
    visitor.follow(page.get_by_role("link", name="我已保存"))
    visitor.check()
    visitor.sign_out()

    give_password(visitor, email)
    visitor.check()
    give_code(visitor, totp_code(1, secret=secret))
    expect(page.get_by_role("heading", level=1)).to_have_text("管理")
    visitor.sign_out()
    give_password(visitor, email)
    give_code(visitor, codes[0])
    expect(page.get_by_role("heading", level=1)).to_have_text("管理")
    visitor.check()

    visitor.open("/accounts/second-factor/")
    visitor.follow(page.get_by_role("link", name="停用"))
    prove(visitor)
    expect(page.get_by_text("须至少保留一种两步验证方式")).to_be_visible()
    visitor.check()

    visitor.open("/accounts/second-factor/")
    visitor.follow(page.get_by_role("link", name="添加通行密钥"))
    with_authenticator(visitor)
    page.get_by_label("名称").fill("办公电脑")
    visitor.check()
    visitor.press("添加")
    visitor.open("/accounts/second-factor/")
    expect(page.get_by_text("办公电脑")).to_be_visible()
    visitor.check()
    visitor.sign_out()

    visitor.open("/accounts/login/?next=/administration/")
    visitor.check()
    visitor.press("用通行密钥登录")
    expect(page.get_by_role("heading", level=1)).to_have_text("管理")

    # The app may go now that there is a key, and the last one may not.
    visitor.open("/accounts/second-factor/")
    visitor.follow(page.get_by_role("link", name="停用"))
    prove(visitor)
    visitor.press("停用")
    visitor.open("/accounts/second-factor/")
    expect(page.get_by_role("link", name="设置验证器应用")).to_be_visible()
    visitor.follow(page.get_by_role("link", name="移除"))
    visitor.press("移除")
    expect(page.get_by_text("须至少保留一种两步验证方式")).to_be_visible()
    visitor.check()


def with_authenticator(visitor: Visitor) -> None:
    devices = visitor.page.context.new_cdp_session(visitor.page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
