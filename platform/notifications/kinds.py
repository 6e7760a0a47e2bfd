"""Which news people are told, in which words: the one table to extend.

A sentence says what changed, in the words of the subject (``subjects``); why one is told, the
audience says (``recipients``). Whoever did it is not told, except for the security of accounts.
Of several lines with one topic, a person is told by the first that names them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.enums import Duty
from notifications.enums import Category
from notifications.recipients import (
    Audience,
    administrators,
    applicants,
    appointee,
    asker,
    checkers_of_added,
    editors_behind,
    expert_concerned,
    hosts,
    members,
    owner_of_account,
    owners,
    owners_behind,
    owners_of_checked,
    person_concerned,
    publishers,
    suppliers,
    those_who_act_for,
    waiting_suppliers,
)
from notifications.subjects import (
    administration,
    members_page,
    review_page,
    second_factors,
    workspace,
)


@dataclass(frozen=True)
class Kind:
    topic: str
    category: Category
    audience: Audience
    title: str | Promise
    text: str | Promise
    # Where it leads, when not to the record's own page.
    page: Callable[[Any], str] | None = None
    # allauth mails some news of accounts itself, with address and device of the request.
    is_mailed: bool = True


_NOT_YOU = _("如果不是您本人操作，请立即重置密码，并联系平台运营单位。")
_REVIEWERS = administrators(Duty.CONTENT, "scenarios.review")
_VERIFIERS = administrators(Duty.CONTENT, "organizations.verify")

KINDS = (
    # Scenarios
    Kind(
        "scenarios.scenario.submit",
        Category.WORK,
        _REVIEWERS,
        _("场景“{scenario}”等待审核"),
        _("{publisher}提交了这个场景。请审核后发布，或说明理由退回。"),
    ),
    Kind(
        "scenarios.scenario.publish",
        Category.REVIEW,
        publishers,
        _("场景“{scenario}”已发布"),
        _("审核已通过，场景已公开，供给方可以申请对接。"),
    ),
    Kind(
        "scenarios.scenario.return",
        Category.REVIEW,
        publishers,
        _("场景“{scenario}”被退回修改"),
        _("退回理由：{reason}\n修改后可以重新提交审核。"),
    ),
    Kind(
        "scenarios.scenario.close",
        Category.REVIEW,
        publishers,
        _("场景“{scenario}”已结束"),
        _("场景不再接受新的申请；已收到的申请仍可处理。"),
    ),
    Kind(
        "scenarios.scenario.close",
        Category.APPLICATIONS,
        waiting_suppliers,
        _("您申请的场景“{scenario}”已结束"),
        _("场景不再接受新的申请；贵单位已提交的申请仍由发布单位处理。"),
    ),
    # Applications
    Kind(
        "applications.application.submit",
        Category.APPLICATIONS,
        hosts,
        _("场景“{scenario}”收到新的对接申请"),
        _("{supplier}用能力“{capability}”申请对接，等待贵单位答复。"),
    ),
    Kind(
        "applications.application.withdraw",
        Category.APPLICATIONS,
        hosts,
        _("场景“{scenario}”有一份申请被撤回"),
        _("{supplier}撤回了用能力“{capability}”提交的申请，不用再处理。"),
    ),
    Kind(
        "applications.application.shortlist",
        Category.APPLICATIONS,
        applicants,
        _("对接申请已入围：“{scenario}”"),
        _("{publisher}已将贵单位用能力“{capability}”提交的申请列入入围，选定与否另行通知。"),
    ),
    Kind(
        "applications.application.select",
        Category.APPLICATIONS,
        applicants,
        _("对接申请被选定：“{scenario}”"),
        _("{publisher}选定了贵单位用能力“{capability}”提交的申请，出示联系方式后即可对接。"),
    ),
    Kind(
        "applications.application.connect",
        Category.APPLICATIONS,
        applicants,
        _("可以对接了：“{scenario}”"),
        _("{publisher}已向贵单位出示联系方式，请登录后在申请页面查看。"),
    ),
    Kind(
        "applications.application.decline",
        Category.APPLICATIONS,
        applicants,
        _("对接申请未选中：“{scenario}”"),
        _("{publisher}没有选用贵单位用能力“{capability}”提交的申请。理由：{reason}"),
    ),
    # Catalogue
    Kind(
        "catalogue.catalogueitem.create",
        Category.CATALOGUE,
        suppliers,
        _("产品“{product}”成为首购目录候选"),
        _("产品被推荐列入《{catalogue}》，公示之前只有贵单位和管理员能看到。"),
    ),
    Kind(
        "catalogue.catalogueitem.begin_notice",
        Category.CATALOGUE,
        suppliers,
        _("产品“{product}”开始公示"),
        _("产品拟列入《{catalogue}》，公示期{notice_from}至{notice_to}（北京时间，含首尾两天）。"),
    ),
    Kind(
        "catalogue.catalogueitem.list",
        Category.CATALOGUE,
        suppliers,
        _("产品“{product}”已列入首购目录"),
        _("公示期满，产品已列入《{catalogue}》，将随下一期目录发布。"),
    ),
    Kind(
        "catalogue.catalogueitem.drop",
        Category.CATALOGUE,
        suppliers,
        _("产品“{product}”不予列入首购目录"),
        _("《{catalogue}》不予列入这个产品。理由：{reason}"),
    ),
    Kind(
        "catalogue.catalogueitem.delist",
        Category.CATALOGUE,
        suppliers,
        _("产品“{product}”移出首购目录"),
        _("产品已移出《{catalogue}》，下一期起不再列出。理由：{reason}"),
    ),
    # Organizations and their members
    Kind(
        "organizations.organization.submit",
        Category.WORK,
        _VERIFIERS,
        _("组织“{organization}”等待核验"),
        _("请核对登记资料和证明材料后办理核验。"),
        page=review_page,
    ),
    Kind(
        "organizations.organization.verify",
        Category.MEMBERSHIP,
        members,
        _("“{organization}”已通过核验"),
        _("按登记的身份，现在可以：{allowed}。"),
    ),
    Kind(
        "organizations.organization.return",
        Category.MEMBERSHIP,
        members,
        _("“{organization}”的核验被退回补正"),
        _("退回理由：{reason}\n请补正后重新提交。"),
    ),
    Kind(
        "organizations.organization.reject",
        Category.MEMBERSHIP,
        members,
        _("“{organization}”未通过核验"),
        _("理由：{reason}"),
    ),
    Kind(
        "organizations.organization.reopen",
        Category.MEMBERSHIP,
        members,
        _("“{organization}”的核验重新受理"),
        _("之前的不予通过已撤销，请补正后重新提交。理由：{reason}"),
    ),
    Kind(
        "organizations.organization.restore",
        Category.MEMBERSHIP,
        members,
        _("“{organization}”已恢复"),
        _("暂停已解除，贵单位发布的内容重新公开并参与匹配。"),
    ),
    Kind(
        "organizations.organization.suspend",
        Category.MEMBERSHIP,
        members,
        _("“{organization}”已被暂停"),
        _("贵单位发布的内容暂不公开，也不参与匹配；恢复后重新显示。\n理由：{reason}"),
    ),
    Kind(
        "organizations.organization.add_member",
        Category.MEMBERSHIP,
        person_concerned,
        _("您已加入“{organization}”"),
        _("您的角色是{role}。"),
    ),
    Kind(
        "organizations.organization.add_member",
        Category.MEMBERSHIP,
        owners,
        _("“{organization}”有新成员"),
        _("{person}已加入，角色是{role}。"),
        page=members_page,
    ),
    Kind(
        "organizations.organization.change_role",
        Category.MEMBERSHIP,
        person_concerned,
        _("您在“{organization}”的角色有变动"),
        _("原来是{former}，现在是{role}，由{by}更改。"),
    ),
    Kind(
        "organizations.organization.remove_member",
        Category.MEMBERSHIP,
        person_concerned,
        _("您已不再是“{organization}”的成员"),
        _("您不能再查看或办理这个单位的事务。如有疑问，请联系该单位负责人。"),
        page=workspace,
    ),
    Kind(
        "organizations.organization.leave",
        Category.MEMBERSHIP,
        owners,
        _("“{organization}”有成员退出"),
        _("{person}已退出，原角色是{role}。"),
        page=members_page,
    ),
    Kind(
        "organizations.joinrequest.create",
        Category.MEMBERSHIP,
        owners_behind,
        _("有人申请加入“{organization}”"),
        _("{person}申请加入，请同意或不同意。"),
        page=members_page,
    ),
    Kind(
        "organizations.joinrequest.decline",
        Category.MEMBERSHIP,
        asker,
        _("您加入“{organization}”的申请未获同意"),
        _("如有疑问，请联系该单位负责人。"),
    ),
    # Evidence and amendments
    Kind(
        "organizations.evidence.create",
        Category.WORK,
        checkers_of_added,
        _("“{organization}”的证明材料等待核验"),
        _("新增的材料：{evidence}。"),
    ),
    Kind(
        "organizations.evidence.decline",
        Category.MEMBERSHIP,
        editors_behind,
        _("“{organization}”的证明材料未被采用"),
        _("材料：{evidence}。理由：{reason}"),
    ),
    Kind(
        "organizations.evidence.withdraw",
        Category.MEMBERSHIP,
        owners_of_checked,
        _("“{organization}”撤下了已核验的“{evidence}”"),
        _("从现在起它不再作为证明；所证明的属性不再公开显示。如非本单位所为，请查看成员名单。"),
    ),
    Kind(
        "organizations.evidence.expires_soon",
        Category.MEMBERSHIP,
        editors_behind,
        _("“{organization}”的证明材料即将到期"),
        _("材料“{evidence}”有效期至{valid_until}，请在此之前上传新的。"),
    ),
    Kind(
        "organizations.evidence.expire",
        Category.MEMBERSHIP,
        editors_behind,
        _("“{organization}”的证明材料已过期"),
        _("材料“{evidence}”有效期至{valid_until}，请上传在有效期内的。"),
    ),
    Kind(
        "organizations.amendment.create",
        Category.WORK,
        administrators(Duty.CONTENT, "organizations.check_amendment"),
        _("“{organization}”的登记事项变更等待核验"),
        _("请核对变更内容后办理。"),
    ),
    Kind(
        "organizations.amendment.approve",
        Category.MEMBERSHIP,
        editors_behind,
        _("“{organization}”的登记事项已变更"),
        _("变更申请已通过核验。"),
    ),
    Kind(
        "organizations.amendment.decline",
        Category.MEMBERSHIP,
        editors_behind,
        _("“{organization}”的变更申请未通过"),
        _("登记事项保持不变。理由：{reason}"),
    ),
    # Tokens of programs: told to whoever made one too, in whose name somebody else may act
    Kind(
        "tokens.apitoken.create",
        Category.SECURITY,
        owners_behind,
        _("“{organization}”新建了访问令牌"),
        _("令牌“{token}”可以代表贵单位使用开放接口。如果不是贵单位所为，请立即撤销。"),
    ),
    Kind(
        "tokens.apitoken.revoke",
        Category.SECURITY,
        owners_behind,
        _("“{organization}”的访问令牌已撤销"),
        _("令牌“{token}”不能再使用。"),
    ),
    # Duties
    Kind(
        "authorities.appointment.appoint",
        Category.MEMBERSHIP,
        appointee,
        _("您在“{authority}”任职"),
        _("您的职责是：{duties}；任期：{term}。登录后在“管理”页办理，须先设置两步验证。"),
        page=administration,
    ),
    Kind(
        "authorities.appointment.end",
        Category.MEMBERSHIP,
        appointee,
        _("您在“{authority}”的任职已结束"),
        _("不再承担的职责：{duties}。理由：{reason}"),
    ),
    Kind(
        "authorities.delegation.delegate",
        Category.MEMBERSHIP,
        those_who_act_for,
        _("“{authority}”委托“{operator}”办理事务"),
        _(
            "委托的职责：{duties}；期限：{term}。"
            "贵单位的负责人和编辑登录后在“管理”页办理，须先设置两步验证。"
        ),
        page=administration,
    ),
    Kind(
        "authorities.delegation.end",
        Category.MEMBERSHIP,
        those_who_act_for,
        _("“{authority}”对“{operator}”的委托已结束"),
        _("不再承担的职责：{duties}。理由：{reason}"),
    ),
    Kind(
        "reviews.expertprofile.appoint",
        Category.MEMBERSHIP,
        expert_concerned,
        _("您已被聘为专家"),
        _("请登录后核对专长，并申报利益关系；评审按此回避。"),
    ),
    Kind(
        "reviews.expertprofile.end",
        Category.MEMBERSHIP,
        expert_concerned,
        _("您的专家聘任已结束"),
        _("理由：{reason}"),
        page=workspace,
    ),
    # Accounts
    Kind(
        "accounts.user.set_password",
        Category.SECURITY,
        owner_of_account,
        _("您的登录密码已由运营单位重设"),
        _NOT_YOU,
    ),
    Kind(
        "accounts.user.change_password",
        Category.SECURITY,
        owner_of_account,
        _("您的登录密码已更改"),
        _NOT_YOU,
        is_mailed=False,
    ),
    Kind(
        "accounts.user.reset_password",
        Category.SECURITY,
        owner_of_account,
        _("您的登录密码已重置"),
        _NOT_YOU,
        is_mailed=False,
    ),
    Kind(
        "accounts.user.change_address",
        Category.SECURITY,
        owner_of_account,
        _("您的电子邮箱已更改"),
        _NOT_YOU,
        is_mailed=False,
    ),
    Kind(
        "accounts.user.add_second_factor",
        Category.SECURITY,
        owner_of_account,
        _("您的账号增加了登录验证方式：{factor}"),
        _NOT_YOU,
        is_mailed=False,
    ),
    Kind(
        "accounts.user.remove_second_factor",
        Category.SECURITY,
        owner_of_account,
        _("您的账号移除了登录验证方式：{factor}"),
        _NOT_YOU,
        is_mailed=False,
    ),
    Kind(
        "accounts.user.use_recovery_code",
        Category.SECURITY,
        owner_of_account,
        _("您的账号用了一个恢复码，还剩 {left} 个"),
        _(
            "用过的恢复码已作废；快用完时，请在“两步验证”页重新生成。"
            "如果不是您本人操作，请立即重置密码，并联系平台运营单位。"
        ),
        page=second_factors,
    ),
)

TOPICS = {kind.topic for kind in KINDS}


def kinds_of(topic: str) -> list[Kind]:
    return [kind for kind in KINDS if kind.topic == topic]
