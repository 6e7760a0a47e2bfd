"""Pages of catalogues: what everybody reads, and how administrators curate."""

from __future__ import annotations

import io
import re
import uuid

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from capabilities.facts import CapabilityFacts, ProductFacts
from capabilities.models import Product
from capabilities.services import change_product, create_capability, publish_capability
from catalogue.enums import ItemState
from catalogue.facts import DemonstrationCatalogueFacts
from catalogue.models import Catalogue, CatalogueEdition, CatalogueItem
from catalogue.queries import next_edition
from catalogue.services import create_demonstration_catalogue, delist_item, drop_item
from common.actor import Actor
from organizations.models import Membership
from organizations.services import suspend_organization
from tests.catalogues import (
    BASIS,
    ISSUER,
    day,
    make_catalogue,
    make_item,
    make_notice,
    make_product,
    publish,
)
from tests.pages import signed_in
from tests.records import SYSTEM, make_administrator, make_member, make_organization, user_of
from tests.roles import ADMINISTRATORS, ISSUERS, make_role

pytestmark = pytest.mark.django_db

SECRET = "不可外传"
DRAFT = "征求意见稿"
NEW = "/administration/catalogue/new/"


def read(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return str(response.content.decode())


def read_bytes(client: Client, path: str) -> bytes:
    response = client.get(path)
    assert response.status_code == 200, path
    return bytes(response.content)


def words_of(html: str) -> str:
    """What a reader sees, without mark-up."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<main")[1]).split())


def previewed(html: str) -> list[str]:
    """What a page says that it showed."""
    return re.findall(r'name="previewed" value="([0-9a-f]{64})"', html)


def sign_in(client: Client, actor: Actor) -> None:
    client.force_login(user_of(actor))


@pytest.fixture
def administrator(client: Client) -> Actor:
    actor = make_administrator()
    sign_in(client, actor)
    return actor


@pytest.fixture
def stocked() -> Catalogue:
    """A catalogue with an item of each state and one edition."""
    catalogue = make_catalogue("SZSG", name="深圳首购目录", introduction="列入条件如下。")
    for state in ItemState.values:
        name = f"{SECRET}{state}" if state in {"candidate", "dropped"} else f"公开{state}"
        make_item(catalogue, state, make_product(name=name), grounds=f"理由{name}")
    publish(catalogue, note="首期说明")
    return catalogue


def test_empty_catalogue_page_says_what_comes(client: Client) -> None:
    page = words_of(read(client, "/catalogue/"))
    assert "还没有建立首购目录" in page
    assert "编制目录" not in page


def test_list_names_issuer_basis_edition_and_notices(client: Client, settings) -> None:
    settings.SITE_CONTACT = "contact@example.org"
    catalogue = make_catalogue("SZSG", name="深圳首购目录")
    make_item(catalogue, "listed")
    make_notice(catalogue, make_product(name="巡检机器人"), last=9)
    edition = publish(catalogue)

    html = read(client, "/catalogue/")

    page = words_of(html)
    for words in ("深圳首购目录", "深圳市科技创新", DRAFT, edition.number, "1 项产品"):
        assert words in page, words
    assert "巡检机器人" in page
    assert "剩 9 天" in page
    assert "书面提出" in page
    assert "contact@example.org" in page
    for path in (catalogue.get_absolute_url(), edition.get_absolute_url()):
        assert f'href="{path}"' in html
    assert f'href="/policy/clauses/{BASIS}/"' in html


def test_invented_catalogue_says_so_on_every_page_and_in_its_file(client: Client) -> None:
    facts = DemonstrationCatalogueFacts(name="某目录", code="YSML", basis=BASIS)
    catalogue = create_demonstration_catalogue(facts=facts, actor=SYSTEM)
    invented = make_organization("望潮公司", is_demonstration=True)
    make_item(catalogue, "listed", make_product(invented, name="望潮一号"))
    item = make_notice(catalogue, make_product(invented, name="望潮二号"), last=9)
    edition = publish(catalogue)
    told = "不是任何部门发布的目录"

    for path in (catalogue.get_absolute_url(), edition.get_absolute_url()):
        page = words_of(read(client, path))
        assert told in page
        assert "演示发布机构（虚构）" in page
        assert "望潮公司 演示" in page
    for path in (catalogue.get_absolute_url(), item.get_absolute_url()):
        page = words_of(read(client, path))
        assert "不受理异议" in page
        assert "书面提出" not in page
    listed = words_of(read(client, "/catalogue/"))
    assert "演示发布机构（虚构）" in listed
    assert "书面提出" not in listed
    make_catalogue("ZZ")
    assert "书面提出" in words_of(read(client, "/catalogue/"))

    content = client.get(f"/catalogue/editions/{edition.number}.xlsx").content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert any(told in cell for cell in cells)
    assert "望潮公司（演示）" in cells


def test_product_delisted_since_is_marked_in_the_current_list(client: Client) -> None:
    catalogue = make_catalogue("SZSG")
    gone = make_item(catalogue, "listed", make_product(name="停产机"))
    make_item(catalogue, "listed", make_product(name="在售机"))
    publish(catalogue)
    delist_item(item=gone, reason="停产", actor=SYSTEM)

    rows = re.findall(r"<tr>.*?</tr>", read(client, catalogue.get_absolute_url()), re.DOTALL)
    marked = {
        name: "已移出，下期不再列入" in row
        for row in rows
        for name in ("停产机", "在售机")
        if name in row
    }
    assert marked == {"停产机": True, "在售机": False}


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [(0, 9, "剩 9 天"), (-9, 0, "今天结束"), (2, 9, "2 天后开始"), (-9, -1, "公示期满")],
)
def test_notice_says_where_it_stands(client: Client, first: int, last: int, words: str) -> None:
    catalogue = make_catalogue()
    item = make_notice(catalogue)
    CatalogueItem.objects.filter(pk=item.pk).update(notice_from=day(first), notice_to=day(last))

    for path in ("/catalogue/", catalogue.get_absolute_url(), item.get_absolute_url()):
        assert words in words_of(read(client, path)), path


def test_detail_searches_the_current_edition(client: Client) -> None:
    catalogue = make_catalogue()
    for name, kind in (("搬运机器人", "product"), ("巡检服务", "service"), ("气凝胶", "material")):
        make_item(catalogue, "listed", make_product(name=name, kind=kind))
    edition = publish(catalogue)
    make_item(catalogue, "listed", make_product(name="尚未发布的产品"))
    address = catalogue.get_absolute_url()

    def shown(query: str) -> list[str]:
        page = client.get(f"{address}{query}").context["page"]
        return sorted(row.product_name for row in page)

    assert shown("") == sorted(["搬运机器人", "巡检服务", "气凝胶"])
    assert shown("?q=机器") == ["搬运机器人"]
    assert shown("?kind=material") == ["气凝胶"]
    assert shown("?q=机器&kind=material") == []
    assert shown("?kind=nonsense") == []
    assert "没有符合条件的产品" in read(client, f"{address}?q=没有")
    part = client.get(f"{address}?q=机器", headers={"HX-Request": "true"}).content.decode()
    assert "<main" not in part
    assert "搬运机器人" in part
    assert f'href="{edition.get_absolute_url()}"' in read(client, address)


def test_edition_page_is_an_official_list_with_changes(client: Client) -> None:
    catalogue = make_catalogue("SZSG", name="深圳首购目录")
    stays = make_item(
        catalogue,
        "listed",
        make_product(make_organization("阿甲公司"), name="甲机", model_number="M-1"),
    )
    leaves = make_item(catalogue, "listed", make_product(name="乙机"))
    first = publish(catalogue, note="首期说明")
    Product.objects.filter(pk=stays.product_id).update(price_max_fen=120_000_000)
    delist_item(item=leaves, reason=SECRET, actor=SYSTEM)
    make_item(catalogue, "listed", make_product(name="丙机"))
    second = publish(catalogue)

    page = words_of(read(client, first.get_absolute_url()))
    for words in ("深圳首购目录", first.number, "甲机 M-1", "首期说明", "这是第一期", DRAFT):
        assert words in page, words
    assert f"已有新的目录： {second.number}" in page
    page = words_of(read(client, second.get_absolute_url()))
    assert "新增 1 丙机" in page
    assert "移出 1 乙机" in page
    assert "内容有变 1 甲机 价格：未填写 → 不超过 120 万元" in page
    assert stays.organization.identifier in page
    assert SECRET not in page
    assert "已有新的目录" not in page


def test_unknown_addresses_are_not_found(client: Client, stocked: Catalogue) -> None:
    for path in (
        "/catalogue/XX/",
        "/catalogue/szsg/",
        "/catalogue/editions/SZSG-2020-0001/",
        "/catalogue/editions/SZSG-2020-0001.xlsx",
        f"/catalogue/items/{uuid.uuid4()}/",
    ):
        assert client.get(path).status_code == 404, path


def test_file_of_an_edition_holds_the_list_without_formulas(client: Client) -> None:
    """THREATS A11."""
    catalogue = make_catalogue("SZSG", name="=1+1")
    supplier = make_organization("@SUM(A1)")
    make_item(
        catalogue,
        "listed",
        make_product(supplier, name='=HYPERLINK("x")', model_number="-2", summary="+1\n@x"),
        grounds="\t=1",
    )
    edition = publish(catalogue)

    response = client.get(f"/catalogue/editions/{edition.number}.xlsx")

    assert f'filename="{edition.number}.xlsx"' in response["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    rows = [[cell for cell in row if cell is not None] for row in sheet.values]
    assert rows[0] == ["'=1+1"]
    assert rows[1] == [f"期号：{edition.number}"]
    assert DRAFT in rows[4][0]
    assert rows[5][:3] == ["序号", "产品", "类别"]
    assert rows[6][:5] == [1, '\'=HYPERLINK("x")', "产品", "'-2", "'+1\n@x"]
    assert supplier.identifier in rows[6]
    assert "'@SUM(A1)" in rows[6]
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


VISITORS = ("visitor", "stranger", "other supplier")


def reader(role: str) -> Actor | None:
    return None if role == "visitor" else make_member(make_organization(), "owner")


@pytest.mark.parametrize("role", VISITORS)
def test_what_is_not_public_leaves_no_trace(client: Client, stocked: Catalogue, role: str) -> None:
    dropped = make_notice(stocked, make_product(name=f"{SECRET}公示后不列入"))
    drop_item(item=dropped, reason=SECRET, actor=SYSTEM)
    gone = make_organization(f"{SECRET}公司")
    make_notice(stocked, make_product(gone, name=f"{SECRET}公示"))
    make_item(stocked, "delisted", make_product(gone, name=f"{SECRET}已移出"))
    suspend_organization(organization=gone, reason="核查", actor=SYSTEM)
    if actor := reader(role):
        sign_in(client, actor)
    public = CatalogueItem.objects.filter(state="delisted").exclude(product__organization=gone)

    edition = CatalogueEdition.objects.get()
    for path in (
        "/catalogue/",
        stocked.get_absolute_url(),
        edition.get_absolute_url(),
        public.get().get_absolute_url(),
    ):
        page = read(client, path)
        assert SECRET not in page, path
        assert "停产" not in page, path  # why it was taken off
    hidden = [
        *CatalogueItem.objects.filter(state__in=["candidate", "dropped"]),
        *CatalogueItem.objects.filter(product__organization=gone),
    ]
    assert len(hidden) == 5
    for item in hidden:
        assert client.get(item.get_absolute_url()).status_code == 404
    assert "公示中 1 项产品" in words_of(read(client, "/catalogue/"))


@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
def test_supplier_reads_what_became_of_its_products(client: Client, role: str) -> None:
    catalogue, supplier = make_catalogue(), make_organization()
    items = {
        state: make_item(catalogue, state, make_product(supplier)) for state in ItemState.values
    }
    sign_in(client, make_member(supplier, role))

    for state, item in items.items():
        page = words_of(read(client, item.get_absolute_url()))
        assert item.get_state_display() in page
        assert "办理记录" in page
        assert {"dropped": "尚未量产", "delisted": "停产"}.get(state, "") in page
        assert "移出目录</button>" not in page
        assert "<form" not in read(client, item.get_absolute_url()).split("<main")[1]


def test_edition_keeps_a_supplier_that_was_suspended_since(client: Client) -> None:
    catalogue = make_catalogue()
    item = make_item(catalogue, "listed", make_product(make_organization("甲公司")))
    edition = publish(catalogue)
    suspend_organization(organization=item.organization, reason="核查", actor=SYSTEM)

    assert "甲公司" in read(client, edition.get_absolute_url())
    assert client.get(item.get_absolute_url()).status_code == 404


def test_capability_page_says_which_products_are_listed(client: Client) -> None:
    supplier = make_organization()
    listed, other = make_product(supplier), make_product(supplier)
    facts = CapabilityFacts(name="搬运", products=[listed.public_id, other.public_id])
    editor = make_member(supplier)
    capability = create_capability(organization=supplier, facts=facts, actor=editor)
    publish_capability(capability=capability, actor=editor)
    catalogue = make_catalogue("SZSG")
    item = make_item(catalogue, "listed", listed)
    address = capability.get_absolute_url()
    assert "listing-badge" not in read(client, address)

    edition = publish(catalogue)

    page = read(client, address)
    assert page.count("listing-badge") == 1
    assert f'href="{edition.get_absolute_url()}"' in page
    delist_item(item=item, reason="停产", actor=SYSTEM)
    assert "listing-badge" not in read(client, address)


def administration(item: CatalogueItem) -> list[str]:
    """Every address that is for administrators alone."""
    code, own = item.catalogue.code, item.get_absolute_url()
    base = "/administration/catalogue/"
    return [
        *(base, f"{base}new/", f"{base}{code}/", f"{base}{code}/edit/"),
        *(f"{base}{code}/candidates/", f"{base}{code}/publish/"),
        f"{base}{code}/candidates/{make_product().public_id}/",
        *(f"{own}{step}/" for step in ("begin_notice", "list", "drop", "delist")),
    ]


def test_curation_is_for_administrators(client: Client, stocked: Catalogue) -> None:
    item = CatalogueItem.objects.get(state="listed")
    supplier = make_member(item.organization, "owner")

    for path in administration(item):
        response = client.get(path)
        assert response.status_code == 302, path
        assert response["Location"].startswith("/accounts/login/"), path
        assert client.post(path).status_code in {302, 405}, path
    for actor in (supplier, make_member(make_organization(), "owner")):
        sign_in(client, actor)
        for path in administration(item):
            assert client.get(path).status_code == 403, path
            assert client.post(path).status_code in {403, 405}, path
    assert CatalogueItem.objects.get(pk=item.pk).state == "listed"
    assert CatalogueEdition.objects.count() == 1


@pytest.mark.usefixtures("administrator")
def test_administrator_opens_every_page(client: Client, stocked: Catalogue) -> None:
    for state in ItemState.values:
        item = CatalogueItem.objects.get(state=state)
        read(client, item.get_absolute_url())
        for path in administration(item):
            # A step that the state does not allow says so on the item's page.
            read(client, client.get(path).headers.get("Location", path))
    for name in ("administration/catalogue", "catalogue"):
        assert client.get(f"/{name}/XX/").status_code == 404


@pytest.mark.usefixtures("administrator")
def test_administrator_brings_a_product_into_an_edition(client: Client) -> None:
    product = make_product(name="搬运机器人")
    facts = {
        "name": "深圳首购目录",
        "code": "SZSG",
        "issuer": ISSUER,
        "basis": BASIS,
        "introduction": "说明",
    }
    made = client.post("/administration/catalogue/new/", facts)
    assert made["Location"] == "/administration/catalogue/SZSG/"

    found = words_of(read(client, "/administration/catalogue/SZSG/candidates/?q=搬运"))
    assert "搬运机器人" in found
    proposing = f"/administration/catalogue/SZSG/candidates/{product.public_id}/"
    assert client.post(proposing, {"grounds": "国内首创"}).status_code == 302
    item = CatalogueItem.objects.get()
    assert client.get(proposing).status_code == 404  # under way now

    noticing = f"{item.get_absolute_url()}begin_notice/"
    page = client.get(noticing)
    offered = page.context["form"].initial
    assert (offered["notice_from"], offered["notice_to"]) == (day(0), day(6))
    (seen,) = previewed(page.content.decode())
    days = {"notice_from": str(day(0)), "notice_to": str(day(6)), "previewed": seen}
    assert client.post(noticing, days)["Location"] == "/administration/catalogue/SZSG/"
    listing = f"{item.get_absolute_url()}list/"
    early = client.post(listing)
    assert early.status_code == 409
    assert "期满后才能列入" in words_of(early.content.decode())
    CatalogueItem.objects.update(notice_from=day(-8), notice_to=day(-1))
    assert "公示期满，待列入 1" in words_of(read(client, "/administration/catalogue/SZSG/"))
    assert client.post(listing)["Location"] == "/administration/catalogue/SZSG/"

    publishing = "/administration/catalogue/SZSG/publish/"
    page = read(client, publishing)
    assert "新增 1 搬运机器人" in words_of(page)
    (seen,) = previewed(page)
    done = client.post(publishing, {"note": "首期", "previewed": seen})
    edition = CatalogueEdition.objects.get()
    assert done["Location"] == edition.get_absolute_url()
    assert (edition.number, edition.note) == (f"SZSG-{day(0).year}-0001", "首期")
    client.logout()
    assert "搬运机器人" in read(client, edition.get_absolute_url())


@pytest.mark.usefixtures("administrator")
def test_faults_stand_at_their_fields(client: Client) -> None:
    catalogue = make_catalogue("TAKEN")
    item = make_item(catalogue)
    product = make_product()
    base = "/administration/catalogue/"
    noticing = f"{item.get_absolute_url()}begin_notice/"
    full = {"name": "甲", "code": "TAKEN", "issuer": ISSUER, "basis": BASIS}
    for path, data, field, words in (
        (f"{base}new/", {"code": "sz"}, "code", "大写英文字母"),
        (f"{base}new/", {}, "name", "必填"),
        (f"{base}new/", {**full, "issuer": "nobody"}, "issuer", "nobody"),
        (f"{base}new/", {**full, "basis": "nobody"}, "basis", "nobody"),
        (f"{base}TAKEN/candidates/{product.public_id}/", {"grounds": " "}, "grounds", ""),
        (noticing, {"notice_from": str(day(-1)), "notice_to": str(day(9))}, "notice_from", "今天"),
        (noticing, {"notice_from": str(day(0)), "notice_to": str(day(5))}, "notice_to", "7 天"),
        (noticing, {"notice_from": str(day(5)), "notice_to": str(day(4))}, "notice_to", "早于"),
        (noticing, {"notice_from": "甲", "notice_to": ""}, "notice_from", "有效的日期"),
        (noticing, {"notice_from": "2026-02-30", "notice_to": str(day(9))}, "notice_from", ""),
        (f"{item.get_absolute_url()}drop/", {"reason": ""}, "reason", ""),
    ):
        response = client.post(path, {"previewed": item.told.fingerprint, **data})
        assert response.status_code == 200, (path, data)
        form = response.context["form"]
        assert field in form.errors, (path, form.errors)
        assert words in str(form.errors[field]), form.errors
        assert "请先更正" in response.content.decode()
    taken = client.post(f"{base}new/", full)
    assert taken.status_code == 409
    assert "代码已用于" in words_of(taken.content.decode())
    assert CatalogueItem.objects.get().state == "candidate"
    assert Catalogue.objects.count() == 1


@pytest.mark.usefixtures("administrator")
def test_product_is_announced_only_as_it_was_shown(client: Client) -> None:
    product = make_product(name="甲", summary="原来的简介")
    item = make_item(make_catalogue("SZSG"), product=product)
    noticing = f"{item.get_absolute_url()}begin_notice/"
    (seen,) = previewed(read(client, noticing))
    change_product(
        product=product,
        facts=ProductFacts(name="甲", kind="product", summary="偷换的简介"),
        actor=make_member(product.organization),
    )
    days = {"notice_from": str(day(1)), "notice_to": str(day(9))}

    for data in ({"previewed": seen}, {}):
        refused = client.post(noticing, {**days, **data})
        page = refused.content.decode()
        assert refused.status_code == 409
        assert "产品在您打开之后改动过，请看过当前内容再公示" in words_of(page)
        assert "偷换的简介" in page
        for typed in days.values():
            assert f'value="{typed}"' in page
    assert CatalogueItem.objects.get().state == "candidate"

    # The page that says so shows the product as it is now, and can be sent again.
    assert client.post(noticing, {**days, "previewed": previewed(page)[0]}).status_code == 302
    assert CatalogueItem.objects.get().told.summary == "偷换的简介"


@pytest.mark.usefixtures("administrator")
def test_edition_is_published_only_as_it_was_previewed(client: Client) -> None:
    catalogue = make_catalogue("SZSG")
    make_item(catalogue, "listed")
    publishing = "/administration/catalogue/SZSG/publish/"
    stale = next_edition(catalogue).fingerprint
    make_item(catalogue, "listed", make_product(name="后来列入"))

    for data in ({"previewed": stale}, {}):
        refused = client.post(publishing, data)
        assert refused.status_code == 409
        assert "预览之后有变化" in words_of(refused.content.decode())
    assert not CatalogueEdition.objects.exists()
    # The page that says so shows the preview as it is now, and can be sent again.
    assert next_edition(catalogue).fingerprint in refused.content.decode()


@pytest.mark.usefixtures("administrator")
def test_preview_says_why_there_is_nothing_to_publish(client: Client) -> None:
    catalogue = make_catalogue("SZSG")
    publishing = "/administration/catalogue/SZSG/publish/"
    assert "目录中没有已列入的产品" in read(client, publishing)
    item = make_item(catalogue, "listed", make_product(make_organization("可疑公司")))
    publish(catalogue)
    assert "与最近一期完全相同" in read(client, publishing)
    make_item(catalogue, "listed")
    suspend_organization(organization=item.organization, reason="核查", actor=SYSTEM)
    page = read(client, publishing)
    assert "可疑公司”目前不是已核验状态" in words_of(page)
    assert "确认发布" not in page


def test_administrator_of_the_supplier_decides_nothing(client: Client) -> None:
    catalogue, supplier = make_catalogue("SZSG"), make_organization()
    item = make_item(catalogue, product=make_product(supplier))
    own = make_product(supplier, name="自己的产品")
    actor = make_administrator()
    Membership.objects.create(organization=supplier, user=user_of(actor), role="viewer")
    sign_in(client, actor)

    page = words_of(read(client, "/administration/catalogue/SZSG/"))
    assert "由其他管理员办理" in page
    assert "开始公示" not in page
    assert "您是该单位成员" in read(client, "/administration/catalogue/SZSG/candidates/")
    assert "开始公示" not in words_of(read(client, item.get_absolute_url()))
    days = {"notice_from": str(day(0)), "notice_to": str(day(6))}
    days["previewed"] = item.told.fingerprint
    for path, data in (
        (f"{item.get_absolute_url()}begin_notice/", days),
        (f"/administration/catalogue/SZSG/candidates/{own.public_id}/", {"grounds": "甲"}),
    ):
        response = client.post(path, data)
        assert response.status_code == 409, path
        assert response.context["form"].non_field_errors(), path
    dropping = f"{item.get_absolute_url()}drop/"
    assert client.post(dropping, {"reason": "甲"}).status_code == 403
    assert CatalogueItem.objects.get().state == "candidate"


@pytest.mark.usefixtures("administrator")
def test_change_that_somebody_overtook_is_refused(client: Client) -> None:
    catalogue = make_catalogue("SZSG", name="原名")
    path = "/administration/catalogue/SZSG/edit/"
    version = client.get(path).context["form"]["version"].value()
    assert client.post(path, {"name": "甲", "version": version}).status_code == 302

    late = client.post(path, {"name": "乙", "version": version})

    assert late.status_code == 409
    assert "别人在您编辑期间修改过" in words_of(late.content.decode())
    assert Catalogue.objects.get(pk=catalogue.pk).name == "甲"
    seen = late.context["newer"].version
    again = {"name": "乙", "version": version, "overwrite": seen}
    assert client.post(path, again).status_code == 302
    assert Catalogue.objects.get(pk=catalogue.pk).name == "乙"


def test_nominations_offer_products_of_verified_suppliers_not_under_way(
    client: Client, administrator: Actor
) -> None:
    catalogue = make_catalogue("SZSG")
    for state in ItemState.values:
        make_item(catalogue, state, make_product(name=state))
    gone = make_product(name="gone")
    suspend_organization(organization=gone.organization, reason="核查", actor=SYSTEM)
    make_item(make_catalogue(), "listed", make_product(name="elsewhere", kind="service"))

    def offered(query: str = "") -> set[str]:
        page = client.get(f"/administration/catalogue/SZSG/candidates/{query}").context["page"]
        return {product.name for product in page}

    assert offered() == {"dropped", "delisted", "elsewhere"}
    assert offered("?q=else") == {"elsewhere"}
    assert offered("?kind=service") == {"elsewhere"}
    assert offered("?kind=service&q=dropped") == set()


@pytest.mark.usefixtures("administrator")
def test_workbench_shows_the_first_of_a_long_section_and_the_way_to_the_rest(
    client: Client, monkeypatch
) -> None:
    monkeypatch.setattr("catalogue.workbench.MOST_SHOWN", 2)
    catalogue = make_catalogue("SZSG")
    for _ in range(3):
        make_item(catalogue)
    for _ in range(2):
        make_item(catalogue, "listed")
    path = "/administration/catalogue/SZSG/"

    def shown(query: str = "") -> tuple[str, int]:
        page = read(client, f"{path}{query}")
        return page, page.count(">开始公示</a>")

    page, count = shown()
    assert count == 2
    assert "候选 3 " in words_of(page)
    assert re.findall(r'href="(\?all=\S+)"', page) == ["?all=candidates#candidates"]
    assert 'id="candidates"' in page
    assert "以上为前 2 项。 显示全部 3 项" in words_of(page)
    page, count = shown("?all=candidates")
    assert count == 3
    assert "?all=" not in page
    assert shown("?all=nonsense")[1] == 2


def test_pages_cost_the_same_at_1_and_30_items(client: Client, administrator: Actor) -> None:
    catalogue = make_catalogue("SZSG")
    make_item(catalogue, "listed")
    publish(catalogue)

    def grow(times: int) -> CatalogueEdition:
        for _ in range(times):
            for state in ItemState.values:
                make_item(catalogue, state)
            make_notice(catalogue)
            make_product()
        return publish(catalogue)

    def cost(edition: CatalogueEdition) -> dict[str, int]:
        base = "/administration/catalogue/"
        counted = {}
        for name, path in {
            "list": "/catalogue/",
            "detail": catalogue.get_absolute_url(),
            "edition": edition.get_absolute_url(),
            "file": f"/catalogue/editions/{edition.number}.xlsx",
            "administration": base,
            "workbench": f"{base}SZSG/",
            "whole section": f"{base}SZSG/?all=candidates",
            "nominations": f"{base}SZSG/candidates/",
            "publish": f"{base}SZSG/publish/",
        }.items():
            with CaptureQueriesContext(connection) as queries:
                read_bytes(client, path)
            counted[name] = len(queries)
        return counted

    once = cost(grow(1))
    assert cost(grow(29)) == once
    assert max(once.values()) <= 16


def test_form_offers_only_issuers_for_whom_the_reader_decides() -> None:
    page = read(signed_in(make_administrator("catalogue", body="gd-dst")), NEW)
    offered = page.split('name="issuer"')[1].split("</select>")[0]
    assert re.findall(r'<option value="([^"]*)"', offered) == ["", "gd-dst"]

    nobodys = read(signed_in(make_administrator("catalogue", body=None)), NEW)
    assert "您不能以任何机构的名义建立目录" in nobodys
    assert 'name="issuer"' not in nobodys


def test_issuer_of_another_authority_is_refused_however_it_is_sent() -> None:
    client = signed_in(make_administrator("catalogue", body="gd-dst"))

    answer = client.post(
        NEW, {"name": "目录", "code": "ABCD", "issuer": ISSUER, "basis": BASIS, "introduction": ""}
    )

    assert "不能以它的名义建立目录" in answer.content.decode()
    assert not Catalogue.objects.exists()


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_way_to_the_workbench_is_shown_to_those_who_issue_the_catalogue(role: str) -> None:
    catalogue, actor = make_catalogue(), make_role(role)
    client = signed_in(actor)
    bench = f"/administration/catalogue/{catalogue.code}/"

    assert (bench in read(client, catalogue.get_absolute_url())) is (role in ISSUERS)
    curates = actor.holds("catalogue")
    assert ("/administration/catalogue/" in read(client, "/catalogue/")) is curates
    read(client, bench, 200 if role in ISSUERS else 404 if curates else 403)
