"""A file of records is taken over as a whole, or refused with every fault by row and column."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import AnonymousUser

from audit.models import AuditEvent
from capabilities.models import Capability
from common.actor import Actor
from common.errors import Conflict, Forbidden, InvalidFiles, NotFound
from imports.models import ImportedFile
from imports.readers import Table, read_table
from imports.services import ImportReport, import_records, import_template
from organizations.models import Organization
from outbox.models import Message
from scenarios.enums import ScenarioState
from scenarios.models import Scenario, ScenarioGoal, TechnicalNeed
from taxonomy.models import Scheme
from tests.records import SYSTEM, credit_code, make_member, make_organization, make_scenario

pytestmark = pytest.mark.django_db


def csv(*rows: str) -> Table:
    return read_table("场景.csv", "\n".join(rows).encode())


def json_lines(*rows: dict[str, Any]) -> Table:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    return read_table("records.jsonl", "\n".join(lines).encode())


@pytest.fixture
def host() -> Organization:
    return make_organization("广州港", city="440100")


@pytest.fixture
def take(host: Organization) -> Callable[..., ImportReport]:
    def run(table: Table, kind: str = "scenarios", **options: Any) -> ImportReport:
        values = {"organization": host, "actor": SYSTEM, **options}
        return import_records(kind=kind, table=table, **values)

    return run


def everything_written() -> tuple[int, ...]:
    models = (Scenario, Capability, ScenarioGoal, TechnicalNeed, ImportedFile, Message, AuditEvent)
    return tuple(model._default_manager.count() for model in models)


def faults(error: InvalidFiles) -> list[tuple[int, str, str]]:
    return [(each.line, each.field, each.message) for each in error.problems]


FULL = {
    "场景名称": "港口岸电设备智能巡检",
    "自有编号": "GZ-1",
    "场景类型": "首试首用",
    "需求类型": "应用场景需求",
    "产业标签": "智能机器人；gz-2025-unmanned-systems",
    "城市": "广州",
    "区": "南沙区",
    "地点": "四期码头",
    "要解决的问题": "人工巡检频次低",
    "目标与指标": "漏检率：不高于 1%；用时",
    "技术需求": "必须 #大模型：本地部署；必须 全天候；期望：国产系统；低噪声",
    "必备资质": "防爆合格证",
    "提供条件": "提供场地；有首购意向",
    "条件说明": "一个泊位",
    "预算下限": "80 万",
    "预算上限": "1,500,000",
    "技术成熟度下限": "TRL6",
    "技术成熟度上限": "9级",
    "成熟度为硬性要求": "是",
    "对接方式": "揭榜挂帅",
    "截止时间": "2027-03-31",
    "联系人": "陈工",
    "联系电话": "020-00000000",
    "联系邮箱": "scene@example.com",
}


def test_every_column_arrives(take: Callable[..., ImportReport], host: Organization) -> None:
    partner = make_organization("联合单位")
    row = {
        **FULL,
        "产业标签": "大模型；gz-2025-unmanned-systems",
        "联合发布单位": partner.identifier,
    }

    report = take(json_lines(row))

    schemes = dict(Scheme.objects.values_list("code", "short_title"))
    assert report == ImportReport(
        row_count=1,
        organization_count=1,
        not_stated={},
        tags={f"{schemes['gd-2024']}/大模型": 1, f"{schemes['gz-2025']}/智能无人系统": 1},
        applied=True,
    )
    scenario = Scenario.objects.get()
    assert (scenario.organization, scenario.state) == (host, ScenarioState.PUBLISHED)
    assert scenario.published_at is not None
    assert [each.code for each in scenario.concepts.order_by("code")] == [
        "gd-2024-large-models",
        "gz-2025-unmanned-systems",
    ]
    assert (scenario.city.code, scenario.district.code) == ("440100", "guangzhou-nansha")
    assert (scenario.budget_min_fen, scenario.budget_max_fen) == (80_000_000, 150_000_000)
    assert (scenario.readiness_min, scenario.readiness_max) == (6, 9)
    assert scenario.readiness_is_must is True
    assert scenario.deadline.isoformat() == "2027-03-31T15:59:59+00:00"
    assert [(g.indicator, g.target) for g in scenario.goals.all()] == [
        ("漏检率", "不高于 1%"),
        ("用时", ""),
    ]
    needs = scenario.technical_needs.all()
    assert [(n.strength, n.text, n.concept and n.concept.code) for n in needs] == [
        ("must", "本地部署", "gd-2024-large-models"),
        ("must", "全天候", None),
        ("wish", "国产系统", None),
        ("wish", "低噪声", None),
    ]
    assert scenario.conditions == ["site", "first_purchase"]
    assert scenario.required_qualifications == ["防爆合格证"]
    assert (scenario.kind, scenario.demand_kind, scenario.call_mode) == (
        "first_trial",
        "scenario",
        "challenge",
    )
    assert (scenario.contact_name, scenario.contact_email) == ("陈工", "scene@example.com")
    assert list(scenario.co_publishers.all()) == [partner]


def test_every_column_of_a_capability_arrives(take: Callable[..., ImportReport]) -> None:
    row = {
        "能力名称": "巡检机器人",
        "自有编号": "C-1",
        "产业标签": ["gd-2024-embodied-robots"],
        "简介": "轮式底盘\n热成像",
        "技术亮点": "续航 12 小时；IP67",
        "技术成熟度": 7,
        "价格下限": "60 万",
        "价格上限": "1.2 亿",
        "资质": "防爆合格证",
        "专利": "ZL2024 一种底盘",
        "应用案例": "码头巡检，某港务公司（2025）；仓库盘点",
        "服务城市": "广州市；深圳",
    }
    take(json_lines(row), kind="capabilities")

    capability = Capability.objects.get()
    assert [each.code for each in capability.concepts.all()] == ["gd-2024-embodied-robots"]
    assert capability.summary == "轮式底盘\n热成像"
    assert capability.highlights == ["续航 12 小时", "IP67"]
    assert capability.readiness == 7
    assert (capability.price_min_fen, capability.price_max_fen) == (60_000_000, 12_000_000_000)
    assert capability.qualifications == ["防爆合格证"]
    assert [(c.title, c.client, c.year) for c in capability.reference_cases.all()] == [
        ("码头巡检", "某港务公司", 2025),
        ("仓库盘点", "", None),
    ]
    assert {city.code for city in capability.cities_served.all()} == {"440100", "440300"}


def test_file_leaves_one_event_and_one_message(take: Callable[..., ImportReport]) -> None:
    events, messages = AuditEvent.objects.count(), Message.objects.count()
    table = csv("名称", *(f"场景{number}" for number in range(30)))

    take(table)

    source = ImportedFile.objects.get()
    assert Scenario.objects.filter(imported_from=source).count() == 30
    assert (AuditEvent.objects.count(), Message.objects.count()) == (events + 1, messages + 1)
    event, message = AuditEvent.objects.latest("pk"), Message.objects.latest("pk")
    assert (event.verb, event.object_id) == ("imports.importedfile.apply", str(source.pk))
    assert event.details["sha256"] == table.digest
    assert (message.topic, message.payload) == (
        "imports.importedfile.apply",
        {"id": source.pk, "kind": "scenarios"},
    )


def test_blank_that_means_the_whole_province_is_stated(take: Callable[..., ImportReport]) -> None:
    report = take(csv("能力名称,服务城市,简介", "甲,,", "乙,广州,"), kind="capabilities")

    assert report.not_stated["简介"] == 2
    assert "服务城市" not in report.not_stated


def test_dry_run_reports_and_writes_nothing(take: Callable[..., ImportReport]) -> None:
    before = everything_written()

    report = take(csv("名称,城市", "甲,广州", "乙,"), dry_run=True)

    assert (report.row_count, report.applied) == (2, False)
    assert report.not_stated["城市"] == 1
    assert everything_written() == before


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            ("名称,产业标签", "甲,区块链", "乙,不存在的标签"),
            [(3, "B 列“产业标签”", "没有名为“不存在的标签”的产业标签。请从产业标签表中选用")],
        ),
        (
            ("名称,产业标签", "甲,量子计祘"),
            [
                (
                    2,
                    "B 列“产业标签”",
                    "没有名为“量子计祘”的产业标签。相近的有：量子计算、量子通信、量子科技",
                )
            ],
        ),
        (
            ("名称,统一社会信用代码", "甲,91440000MA50000018"),
            [
                (
                    2,
                    "B 列“统一社会信用代码”",
                    "统一社会信用代码“91440000MA50000018”的校验位不符，请核对是否抄错",
                )
            ],
        ),
        (
            ("名称,统一社会信用代码", "甲,9144000"),
            [(2, "B 列“统一社会信用代码”", "统一社会信用代码应为 18 位，“9144000”是 7 位")],
        ),
        (
            ("名称,城市,区", "甲,武汉,", "乙,深圳,天河区", "丙,,天河区"),
            [
                (2, "B 列“城市”", "没有名为“武汉”的城市。应为广东省 21 个地级以上市之一"),
                (
                    3,
                    "C 列“区”",
                    (
                        "天河区属于广州市，不属于深圳市。可选：罗湖区、福田区、南山区、宝安区、龙岗区、盐田区、"
                        "龙华区、坪山区、光明区、大鹏新区、深汕特别合作区"
                    ),
                ),
                (4, "C 列“区”", "填写区之前请先填写城市"),
            ],
        ),
        (
            ("名称,预算下限,预算上限", "甲,200万,100万", "乙,很多,"),
            [
                (2, "C 列“预算上限”", "预算的下限不能高于上限"),
                (
                    3,
                    "B 列“预算下限”",
                    "无法识别这个金额，请填写数字，例如 1200000、1,200,000 或 120 万",
                ),
            ],
        ),
        (
            ("名称,技术成熟度下限", "甲,10", "乙,高"),
            [
                (2, "B 列“技术成熟度下限”", "不能大于 9"),
                (3, "B 列“技术成熟度下限”", "技术成熟度应为 1 至 9 的整数，例如 6 或 TRL6"),
            ],
        ),
        (
            ("名称,场景类型", "甲,试用"),
            [
                (
                    2,
                    "B 列“场景类型”",
                    "没有“试用”这个选项，可选：早期验证、首试首用、标杆示范、跨界融合",
                )
            ],
        ),
        (
            ("名称,截止时间", "甲,明天", "乙,2026-02-30"),
            [
                (2, "B 列“截止时间”", "应为日期或时间，例如 2026-12-31 或 2026-12-31 18:00"),
                (3, "B 列“截止时间”", "应为日期或时间，例如 2026-12-31 或 2026-12-31 18:00"),
            ],
        ),
        (
            ("名称,成熟度为硬性要求", "甲,是", "乙,也许"),
            [
                (2, "B 列“成熟度为硬性要求”", "要作为硬性要求，请先填写技术成熟度下限"),
                (3, "B 列“成熟度为硬性要求”", "应填“是”或“否”"),
            ],
        ),
        (
            ("名称,联系邮箱", "甲,不是邮箱"),
            [(2, "B 列“联系邮箱”", "电子邮箱的格式不对，应形如 name@example.com")],
        ),
        (("名称,自有编号", "甲,1", "乙,1"), [(3, "B 列“自有编号”", "“1”与第 2 行重复")]),
        (("名称", "甲", "甲"), [(3, "A 列“名称”", "“甲”与第 2 行重复")]),
        (
            ("名称,自有编号", "甲,1", "甲,", "乙,", "乙,2"),
            [(3, "A 列“名称”", "“甲”与第 2 行重复"), (5, "A 列“名称”", "“乙”与第 4 行重复")],
        ),
        (
            ("名称,产业标签", "甲,低空经济、深海空间"),
            [
                (
                    2,
                    "B 列“产业标签”",
                    (
                        "没有名为“低空经济、深海空间”的产业标签。相近的有：深海空间、低空经济。"
                        "多个值之间请用“；”"
                    ),
                )
            ],
        ),
        (
            ("名称,截止时间", "甲,2020-01-01"),
            [(2, "B 列“截止时间”", "截止时间已过，不能发布，只能导入为草稿")],
        ),
        (
            ("name,budget_max_fen", "甲,80 万"),
            [
                (
                    2,
                    "B 列“budget_max_fen”",
                    "这一列以分为单位，应为整数；要写元或万元，请用模板的列名",
                )
            ],
        ),
        (
            ("名称,技术需求", "甲,必须 ＃没有的标签：说明"),
            [(2, "B 列“技术需求”", "没有名为“没有的标签”的产业标签。请从产业标签表中选用")],
        ),
        (("城市", "广州"), [(1, "", "缺少必填的列“场景名称”")]),
        (("名称,城市", ",广州"), [(2, "A 列“名称”", "缺少这一项")]),
        (
            ("名称,场景类形", "甲,首试首用"),
            [(1, "B 列“场景类形”", "没有名为“场景类形”的列。是否为“场景类型”？")],
        ),
        (
            ("名称,标题", "甲,乙"),
            [(1, "B 列“标题”", "与另一列重复，都表示“场景名称”")],
        ),
    ],
)
def test_fault_names_row_and_column_and_changes_nothing(
    take: Callable[..., ImportReport],
    rows: tuple[str, ...],
    expected: list[tuple[int, str, str]],
) -> None:
    before = everything_written()

    with pytest.raises(InvalidFiles) as refused:
        take(csv(*rows))

    assert faults(refused.value) == expected
    assert everything_written() == before


def test_same_file_again_is_refused_whatever_its_name(take: Callable[..., ImportReport]) -> None:
    take(csv("名称", "甲"))
    before = everything_written()

    with pytest.raises(Conflict, match=r"副本.csv 的内容已于 .* 导入（1 行，文件名 场景.csv）"):
        take(read_table("副本.csv", "名称\n甲".encode()))

    assert everything_written() == before


def test_record_that_exists_is_refused_by_number_or_by_name(
    take: Callable[..., ImportReport], host: Organization
) -> None:
    make_scenario(host, name="已有的场景", reference="A-1", published=False)
    make_scenario(make_organization(), name="别家的场景", reference="B-1")
    before = everything_written()

    with pytest.raises(InvalidFiles) as refused:
        take(csv("名称,自有编号", "新名称,A-1", "已有的场景,", "别家的场景,B-1"))

    assert faults(refused.value) == [
        (2, "B 列“自有编号”", "“A-1”已是“广州港”名下的场景"),
        (3, "A 列“名称”", "“已有的场景”已是“广州港”名下的场景"),
    ]
    assert everything_written() == before


def test_same_name_under_different_numbers_is_two_records(
    take: Callable[..., ImportReport],
) -> None:
    take(csv("名称,自有编号", "甲,1", "甲,2"))

    assert Scenario.objects.filter(name="甲").count() == 2


def test_rows_may_name_their_own_organizations(take: Callable[..., ImportReport]) -> None:
    one, other = make_organization("甲公司"), make_organization("乙公司")
    table = csv("名称,统一社会信用代码", f"一,{one.identifier}", f"二,{other.identifier.lower()}")

    report = take(table, organization=None)

    assert report.organization_count == 2
    assert Scenario.objects.get(name="一").organization == one
    assert Scenario.objects.get(name="二").organization == other


def test_organizations_that_are_missing_or_not_verified_are_named(
    take: Callable[..., ImportReport],
) -> None:
    unverified = make_organization("未核验公司", verified=False)
    server = make_organization("服务公司", capacities=["serve"])
    unknown = credit_code(999_999)
    table = csv(
        "名称,统一社会信用代码",
        f"一,{unknown}",
        f"二,{unverified.identifier}",
        "三,",
        f"四,{server.identifier}",
    )

    with pytest.raises(InvalidFiles) as refused:
        take(table, organization=None)

    column = "B 列“统一社会信用代码”"
    assert faults(refused.value) == [
        (2, column, f"没有登记过信用代码为“{unknown}”的组织，请先登记"),
        (3, column, "“未核验公司”尚未通过核验，其记录只能导入为草稿"),
        (4, column, "没有填写，也没有为整个文件指定组织"),
        (5, column, "“服务公司”登记的身份里没有“发布场景”，其记录只能导入为草稿"),
    ]


def test_drafts_may_belong_to_an_unverified_organization(
    take: Callable[..., ImportReport],
) -> None:
    take(csv("名称", "甲"), organization=make_organization(verified=False), publish=False)
    assert Scenario.objects.get().published_at is None

    assert Scenario.objects.get().state == ScenarioState.DRAFT


def test_unknown_partner_is_refused_and_nothing_written(
    take: Callable[..., ImportReport],
) -> None:
    code = credit_code(999_998)
    before = everything_written()

    with pytest.raises(InvalidFiles) as refused:
        take(csv("名称,联合发布单位", f"甲,{code}"))

    assert faults(refused.value) == [
        (2, "B 列“联合发布单位”", f"没有登记过信用代码为“{code}”的组织，请先登记")
    ]
    assert everything_written() == before


def test_organization_is_no_partner_of_itself(
    take: Callable[..., ImportReport], host: Organization
) -> None:
    with pytest.raises(InvalidFiles) as refused:
        take(csv("名称,联合发布单位", f"甲,{host.identifier}"))

    assert faults(refused.value) == [(2, "B 列“联合发布单位”", "不能是记录所属的组织自己")]


def test_many_faults_are_counted_and_the_first_are_listed(
    take: Callable[..., ImportReport],
) -> None:
    with pytest.raises(InvalidFiles, match="300 处错误") as refused:
        take(csv("名称,城市", *(f"场景{number},武汉" for number in range(300))))

    listed = refused.value.problems
    assert [each.line for each in listed[:200]] == list(range(2, 202))
    assert listed[200].message == "还有 100 处错误没有列出"


def test_only_administrators_import(take: Callable[..., ImportReport], host: Organization) -> None:
    before = everything_written()
    for actor in (make_member(host, "owner"), Actor.of(AnonymousUser())):
        with pytest.raises(Forbidden):
            take(csv("名称", "甲"), actor=actor)
    assert everything_written()[:5] == before[:5]


@pytest.mark.parametrize("kind", ["scenarios", "capabilities"])
def test_filled_template_is_imported(take: Callable[..., ImportReport], kind: str) -> None:
    workbook = openpyxl.load_workbook(BytesIO(import_template(kind)))
    sheet = workbook.worksheets[0]
    examples = {row[0].value: row[3].value for row in workbook["填写说明"].iter_rows(min_row=2)}
    headings = [cell.value for cell in sheet[1]]
    sheet.append([examples.get(heading.removesuffix(" *")) for heading in headings])
    filled = BytesIO()
    workbook.save(filled)

    report = take(read_table("模板.xlsx", filled.getvalue()), kind=kind)

    assert report.row_count == 1


@pytest.mark.parametrize(
    ("heading", "written", "fen"),
    [
        ("预算上限", "80 万", 80_000_000),
        ("预算上限", "８０万元人民币", 80_000_000),
        ("预算上限", "800000", 80_000_000),
        ("budget_max_fen", "80000000", 80_000_000),
    ],
)
def test_money_is_yuan_under_its_heading_and_fen_under_its_name_in_the_api(
    take: Callable[..., ImportReport], heading: str, written: str, fen: int
) -> None:
    take(json_lines({"名称": "甲", heading: written}))

    assert Scenario.objects.get().budget_max_fen == fen


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2030-01-31", "2030-01-31T15:59:59+00:00"),
        ("2030/1/31", "2030-01-31T15:59:59+00:00"),
        ("2030年1月31日", "2030-01-31T15:59:59+00:00"),
        ("2030-01-31 9:00", "2030-01-31T01:00:00+00:00"),
        ("2030-01-31T09:00:00+08:00", "2030-01-31T01:00:00+00:00"),
        ("2030-01-31T01:00:00Z", "2030-01-31T01:00:00+00:00"),
    ],
)
def test_deadline_is_beijing_time_unless_it_says_otherwise(
    take: Callable[..., ImportReport], written: str, moment: str
) -> None:
    take(json_lines({"名称": "甲", "截止时间": written}))

    assert Scenario.objects.get().deadline.isoformat() == moment


def test_past_deadline_may_stand_in_a_draft(take: Callable[..., ImportReport]) -> None:
    take(csv("名称,截止时间", "甲,2020-01-01"), publish=False)

    assert Scenario.objects.get().state == ScenarioState.DRAFT


def test_number_sign_of_either_width_ties_a_need_to_its_tag(
    take: Callable[..., ImportReport],
) -> None:
    take(csv("名称,技术需求", "甲,必须 ＃大模型：本地；期望 #低空经济"))

    needs = Scenario.objects.get().technical_needs.all()
    assert [(n.strength, n.text, n.concept.code) for n in needs] == [
        ("must", "本地", "gd-2024-large-models"),
        ("wish", "低空经济", "gd-2024-low-altitude"),
    ]


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(NotFound, match="capabilities、scenarios"):
        import_template("products")
