"""What people write is found under its name, its other names and its code, or refused in words."""

import pytest

from common.errors import InvalidInput
from taxonomy.enums import ConceptStatus
from taxonomy.models import City, Concept, District, Scheme
from taxonomy.vocabulary import Vocabulary
from tests.records import FOSHAN, GUANGZHOU, SHENZHEN, new_edition

pytestmark = pytest.mark.django_db

ROBOTS = "gd-2024-embodied-robots"


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary.load()


def test_vocabulary_is_read_once_for_an_edition(django_assert_num_queries) -> None:
    new_edition()
    with django_assert_num_queries(4):
        first = Vocabulary.load()
    with django_assert_num_queries(1):
        assert Vocabulary.load() is first

    new_edition()
    with django_assert_num_queries(4):
        assert Vocabulary.load() is not first


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("gd-2024-brain-like-intelligence", "gd-2024-brain-like-intelligence"),
        ("GD-2024-Brain-Like-Intelligence", "gd-2024-brain-like-intelligence"),
        # 类脑智能 stands in two schemes: the province's comes first, the other is named in full.
        ("类脑智能", "gd-2024-brain-like-intelligence"),
        (" 类脑 智能\u3000", "gd-2024-brain-like-intelligence"),
        ("sz-2022/类脑智能", "sz-2022-brain-like-intelligence"),
        ("ＳＺ－２０２２／类脑智能", "sz-2022-brain-like-intelligence"),
        # A preferred label before another concept's other name.
        ("先进材料", "gd-2024-advanced-materials"),
        ("前沿新材料产业集群", "gd-145-frontier-new-materials"),
    ],
)
def test_concept_is_found(vocabulary: Vocabulary, written: str, code: str) -> None:
    assert vocabulary.concept(written) == code


def test_scheme_is_also_known_by_its_short_title(vocabulary: Vocabulary) -> None:
    scheme = Scheme.objects.get(code="sz-2022")

    written = f"{scheme.short_title}/量子计算"
    assert vocabulary.concept(written) == "sz-2022-quantum-computing"


def test_every_current_concept_is_found_by_code_and_in_its_scheme(vocabulary: Vocabulary) -> None:
    for concept in Concept.objects.select_related("scheme"):
        assert vocabulary.concept(concept.code) == concept.code
        assert vocabulary.concept(f"{concept.scheme.code}/{concept.label}") == concept.code
        assert vocabulary.id_of(Concept, concept.code) == concept.pk


def test_label_of_one_concept_wins_over_another_name_of_an_earlier_one() -> None:
    robots = Concept.objects.get(code=ROBOTS)
    first = Concept.objects.filter(scheme=robots.scheme).order_by("position").first()
    assert first is not None
    Concept.objects.filter(pk=first.pk).update(alternatives=[robots.label])
    new_edition()

    assert Vocabulary.load().concept(robots.label) == ROBOTS


@pytest.mark.parametrize("how", ["by its status", "with an edition", "with its scheme"])
def test_what_was_retired_is_not_found(how: str) -> None:
    edition = new_edition()
    robots = Concept.objects.filter(code=ROBOTS)
    if how == "by its status":
        robots.update(status=ConceptStatus.RETIRED)
    elif how == "with an edition":
        robots.update(retired_in=edition)
    else:
        Scheme.objects.filter(concepts__in=robots).update(retired_in=edition)
    vocabulary = Vocabulary.load()

    with pytest.raises(ValueError, match="产业标签"):
        vocabulary.concept(ROBOTS)
    with pytest.raises(InvalidInput):
        vocabulary.concept_ids([ROBOTS])


def test_unknown_concept_is_refused_with_near_names(vocabulary: Vocabulary) -> None:
    with pytest.raises(ValueError, match=r"没有名为“类脑智慧”的产业标签。相近的有：.*类脑智能"):
        vocabulary.concept("类脑智慧")


@pytest.mark.parametrize("written", ["", " ", "\x00", "\ud800", "/", "x" * 100_000])
def test_nonsense_is_refused_with_a_way_out(vocabulary: Vocabulary, written: str) -> None:
    with pytest.raises(ValueError, match="请从产业标签表中选用"):
        vocabulary.concept(written)


@pytest.mark.parametrize("written", [GUANGZHOU, "广州市", "广州", " 广 州 市", "４４０１００"])
def test_city_is_found(vocabulary: Vocabulary, written: str) -> None:
    assert vocabulary.city(written) == GUANGZHOU


def test_city_outside_the_province_is_refused(vocabulary: Vocabulary) -> None:
    with pytest.raises(ValueError, match=r"没有名为“长沙”的城市。应为广东省 21 个"):
        vocabulary.city("长沙")


@pytest.mark.parametrize("written", ["guangzhou-nansha", "南沙区", "440115", " 南沙 区"])
def test_district_is_found_in_its_city(vocabulary: Vocabulary, written: str) -> None:
    assert vocabulary.district(GUANGZHOU, written) == "guangzhou-nansha"


@pytest.mark.parametrize("written", ["guangzhou-nansha", "南沙区", "440115"])
def test_district_of_another_city_is_refused(vocabulary: Vocabulary, written: str) -> None:
    with pytest.raises(ValueError, match=r"^南沙区属于广州市，不属于深圳市。可选：罗湖区、"):
        vocabulary.district(SHENZHEN, written)
    with pytest.raises(ValueError, match=r"^南沙区属于广州市，不属于佛山市。这个城市没有可选的区"):
        vocabulary.district(FOSHAN, written)


def test_unknown_district_is_refused_with_those_that_there_are(vocabulary: Vocabulary) -> None:
    with pytest.raises(ValueError, match=r"可选：.*罗湖区、.*大鹏新区") as refusal:
        vocabulary.district(SHENZHEN, "一二三")
    assert "440303" not in str(refusal.value)


def test_district_needs_a_city_that_has_some(vocabulary: Vocabulary) -> None:
    with pytest.raises(ValueError, match="先填写城市"):
        vocabulary.district(None, "南沙区")
    with pytest.raises(ValueError, match="没有可选的区"):
        vocabulary.district(FOSHAN, "南海区")


def test_place_of_codes_is_two_keys(vocabulary: Vocabulary) -> None:
    nansha = District.objects.get(code="guangzhou-nansha")

    assert vocabulary.place(GUANGZHOU, "guangzhou-nansha") == {
        "city_id": nansha.city_id,
        "district_id": nansha.pk,
    }
    assert vocabulary.place(GUANGZHOU, None) == {"city_id": nansha.city_id, "district_id": None}
    for absent in (None, ""):
        assert vocabulary.place(absent, absent) == {"city_id": None, "district_id": None}


@pytest.mark.parametrize(
    ("city", "district", "field"),
    [
        ("430100", None, "city"),
        ("430100", "guangzhou-nansha", "city"),
        (SHENZHEN, "guangzhou-nansha", "district"),
        (GUANGZHOU, "nowhere", "district"),
        (FOSHAN, "guangzhou-nansha", "district"),
        (None, "guangzhou-nansha", "district"),
        ("", "guangzhou-nansha", "district"),
    ],
)
def test_place_names_the_field_at_fault(
    vocabulary: Vocabulary, city: str | None, district: str | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        vocabulary.place(city, district)

    assert refusal.value.fields == {field: [refusal.value.message]}
    assert refusal.value.message.endswith("。")


def test_keys_of_codes_stand_in_their_order(vocabulary: Vocabulary) -> None:
    codes = ["gd-2024-synthetic-biology", ROBOTS, "gd-2024-synthetic-biology"]

    pairs = dict(Concept.objects.filter(code__in=codes).values_list("code", "pk"))
    assert vocabulary.concept_ids(codes) == [pairs[code] for code in codes]
    assert vocabulary.city_ids([SHENZHEN, GUANGZHOU], "cities_served") == [
        City.objects.get(code=code).pk for code in (SHENZHEN, GUANGZHOU)
    ]


def test_unknown_codes_name_their_field(vocabulary: Vocabulary) -> None:
    with pytest.raises(InvalidInput, match="没有代码为“nowhere”的产业标签") as refusal:
        vocabulary.concept_ids([ROBOTS, "nowhere"])
    assert set(refusal.value.fields) == {"concepts"}

    # A concept's code names no city.
    with pytest.raises(InvalidInput, match="的城市") as refusal:
        vocabulary.city_ids([ROBOTS], "cities_served")
    assert set(refusal.value.fields) == {"cities_served"}
