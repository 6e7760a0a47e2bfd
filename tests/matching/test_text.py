"""Terms, frozen statistics and points of texts: by hand, by property, and against the reference."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.text import (
    IMPACT_MAX,
    WEIGHT_ONE,
    Ints,
    Text,
    TextIndex,
    TextModel,
    Tokens,
    codes,
    fold,
    token_chunks,
    tokenize,
)
from tests.matching import reference
from tests.matching.reference import Draw, TextReference

MAXIMUM = 2000
CORPUS = [
    ("工业水泵降噪", "用于泵站的降噪外壳"),
    ("光伏板清洗机器人", "干式清洗，少用水"),
    ("泵", ""),
    ("AI 质检系统", "在线检测 3C 外观"),
]
UNSEEN = "鲸"

letters = st.sampled_from("水泵降噪光伏Aａ7𠀀，😀 ")
titles = st.text(letters, max_size=12)
texts = st.tuples(titles, st.text(letters, max_size=30))
corpora = st.lists(texts, max_size=8)
# Whatever Python can hold: surrogates, marks that join, separators of every kind.
anything = st.text(st.characters(), max_size=20) | st.text(
    st.sampled_from("a\u0301\u0345ǰßİﬃ㍾🅰𐐀\ud800\udc00\n\r\0\u2028　泵"), max_size=12
)
hostile = st.tuples(anything, anything)


def coded(*words: str) -> list[int]:
    """The codes of single characters and pairs."""
    return [ord(word) if len(word) == 1 else (ord(word[0]) << 21 | ord(word[1])) for word in words]


def by_term(tokens: Tokens, values: Ints, place: int = 0) -> dict[int, int]:
    """What a text's terms have, by code."""
    own = slice(*tokens.bounds[place : place + 2])
    return dict(zip(tokens.codes[own].tolist(), values[own].tolist(), strict=True))


def by_code(values: dict[str, int]) -> dict[int, int]:
    return {coded(term)[0]: value for term, value in values.items()}


def point(model: TextModel, query: Text, document: Text) -> int:
    return int(TextIndex(model, [document]).points(query, MAXIMUM)[0])


def assert_equal(one: TextModel, other: TextModel) -> None:
    assert one.vocabulary.tolist() == other.vocabulary.tolist()
    assert one.frequencies.tolist() == other.frequencies.tolist()
    assert (one.texts, one.length) == (other.texts, other.length)
    for model in (one, other):
        assert model.vocabulary.dtype == model.frequencies.dtype == np.int64
        assert isinstance(model.texts, int)
        assert isinstance(model.length, int)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("ＡＢｃ１２", "abc12"),
        ("ﾎﾟﾝﾌﾟ", "ポンプ"),
        ("㎡①Ⅳ", "m21iv"),
        ("ÉTUDE", "étude"),
        ("水泵，降噪！", "水泵 降噪 "),
        ("a-b_c\n\td", "a b c  d"),
        ("泵😀泵", "泵 泵"),
        ("𠀀𐐀", "𠀀𐐨"),
        ("\ud83d泵\udc00", " 泵 "),
        ("\0　", "  "),
    ],
    ids=[
        "empty",
        "full width",
        "half width",
        "compatible",
        "capitals",
        "Chinese punctuation",
        "western punctuation",
        "emoji",
        "astral letters",
        "lone surrogates",
        "blanks",
    ],
)
def test_text_is_folded_to_small_letters_of_one_width(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
@settings(deadline=None)
def test_folding_twice_is_folding_once_and_leaves_letters_only(text: str) -> None:
    folded = fold(text)

    assert fold(folded) == folded
    assert all(each == " " or each.isalnum() for each in folded)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("，。😀 ", []),
        ("泵", ["泵"]),
        ("水泵", ["水", "泵", "水泵"]),
        ("泵泵泵", ["泵", "泵", "泵", "泵泵", "泵泵"]),
        ("水，泵", ["水", "泵"]),
        ("水\n泵", ["水", "泵"]),
        ("水😀泵", ["水", "泵"]),
        ("水\ud800泵", ["水", "泵"]),
        ("3D", ["3", "d", "3d"]),
        ("３Ｄ泵", ["3", "d", "泵", "3d", "d泵"]),
        ("𠀀𠀁", ["𠀀", "𠀁", "𠀀𠀁"]),
    ],
)
def test_terms_are_characters_and_pairs_within_a_run(text: str, expected: list[str]) -> None:
    counts = dict(Counter(coded(*expected)))
    titled, told = tokenize([(text, "")]), tokenize([("", text)])

    assert by_term(titled, titled.titles) == by_term(told, told.bodies) == counts
    assert {*titled.bodies.tolist(), *told.titles.tolist()} <= {0}


def test_no_term_reaches_from_a_title_into_its_body_or_into_the_next_text() -> None:
    tokens = tokenize([("水", "泵"), ("降", "噪")])

    assert by_term(tokens, tokens.counts, 0) == dict(zip(coded("水", "泵"), [5, 1], strict=True))
    assert by_term(tokens, tokens.counts, 1) == dict(zip(coded("降", "噪"), [5, 1], strict=True))


def test_no_two_terms_share_a_code() -> None:
    # Alike in the lower sixteen bits of the second character, and in the others by one bit.
    one, other = "泵" + chr(0x2A600), chr(ord("泵") | 2) + chr(0xA600)

    found = tokenize([(f"{one} {other}", "")]).codes

    assert len(set(found.tolist())) == 6
    # A single astral character is no pair, and no pair is a single one.
    assert found[:4].max() < 2**21 <= found[4:].min()


@given(st.lists(hostile | texts, max_size=5))
@settings(deadline=None)
def test_tokens_of_anything_are_those_of_the_reference(several: list[Text]) -> None:
    tokens = tokenize(several)

    assert len(tokens) == len(several)
    for place, text in enumerate(several):
        title, body = map(reference.terms, text)
        assert by_term(tokens, tokens.titles, place) == by_code({**dict.fromkeys(body, 0), **title})
        assert by_term(tokens, tokens.bodies, place) == by_code({**dict.fromkeys(title, 0), **body})
        own = tokens.codes[slice(*tokens.bounds[place : place + 2])]
        assert (np.diff(own) > 0).all()
    assert {each.dtype for each in vars(tokens).values()} == {np.dtype(np.int64)}


@given(hostile)
@settings(deadline=None)
def test_codes_name_the_terms_that_texts_are_made_of(text: Text) -> None:
    """What ``words`` looks up is what the statistics know."""
    singles, pairs = codes(fold(text[0]))

    said = [*(one for one in singles if one != ord(" "))]
    said += [one for one in pairs if ord(" ") not in (one >> 21, one & (2**21 - 1))]
    tokens = tokenize([(text[0], "")])
    assert dict(Counter(map(int, said))) == by_term(tokens, tokens.titles)


@pytest.mark.parametrize("count", [0, 1, 1023, 1024, 1025, 2048, 2500])
def test_texts_are_read_in_chunks_that_no_one_sees(count: int) -> None:
    draw = Draw(count)
    several = [(draw.text(3), draw.text(3)) for _ in range(count)]

    tokens = tokenize(several)

    assert [len(each) for each in token_chunks(several)] == [
        min(1024, count - start) for start in range(0, count, 1024)
    ]
    assert len(tokens) == count
    assert tokens.owners.tolist() == np.repeat(np.arange(count), np.diff(tokens.bounds)).tolist()
    for place in {0, 1, 1022, 1023, 1024, 1025, 2047, 2048, count - 1} & set(range(count)):
        alone = tokenize([several[place]])
        assert by_term(tokens, tokens.counts, place) == by_term(alone, alone.counts)
    model = TextModel.freeze(several)
    frequencies = Counter(tokens.codes.tolist())
    assert dict(zip(model.vocabulary, model.frequencies, strict=True)) == frequencies
    assert model.length == tokens.counts.sum()


def test_titles_alone_are_the_terms_of_titles() -> None:
    several = [("水泵", "水泵降噪"), ("", "光伏"), ("，", "，"), ("光伏", ""), ("泵", "伏泵")]

    found = tokenize(several).only_titles()

    expected = tokenize([(title, "") for title, _ in several])
    for name, values in vars(expected).items():
        assert vars(found)[name].tolist() == values.tolist(), name


def test_statistics_count_each_text_once_and_weigh_its_title_five_times() -> None:
    model = TextModel.freeze([("泵泵", "泵"), ("水", "水泵")])

    frequencies = dict(zip(model.vocabulary.tolist(), model.frequencies.tolist(), strict=True))
    assert frequencies == dict(zip(coded("水", "泵", "泵泵", "水泵"), [1, 2, 1, 1], strict=True))
    # Five times 泵, 泵, 泵泵 and once 泵; five times 水 and once 水, 泵, 水泵.
    assert model.length == 16 + 8
    assert model.texts == 2


def test_idf_is_sharpened_and_unseen_terms_take_the_largest() -> None:
    model = TextModel.freeze([("泵水", ""), ("泵", ""), ("泵", "")])

    found = model.idf(np.array(coded("泵", "水", UNSEEN, "0")))

    common, rare = (round(4096 * math.log(1 + (3 - df + 0.5) / (df + 0.5)) ** 1.5) for df in (3, 1))
    assert found.tolist() == [common, rare, rare, rare]


def test_what_every_one_of_many_texts_says_still_weighs_something() -> None:
    """Its idf would round to nothing, and texts of such terms alone would have no words at all."""
    everywhere = TextModel(np.array(coded("泵")), np.array([10**6]), 10**6, 5 * 10**6)

    assert everywhere.idf(np.array(coded("泵", UNSEEN))).tolist() == [1, 1]
    assert point(everywhere, ("泵", ""), ("泵", "")) == MAXIMUM


def test_spread_counts_the_texts_that_have_a_term() -> None:
    model = TextModel.freeze([("水泵", "水泵"), ("", "水泵"), ("泵", "水")])

    asked = np.array(coded("水", "泵", "光", "水泵", "泵光"))
    assert model.spread(asked).tolist() == [3, 3, 0, 2, 0]
    assert TextModel.freeze([]).spread(asked).tolist() == [0, 0, 0, 0, 0]


def test_idf_of_an_empty_corpus_is_one_for_all() -> None:
    assert TextModel.freeze([]).idf(np.array(coded("泵", "水"))).tolist() == [4096, 4096]


@pytest.mark.parametrize("texts", [[], [("泵", "")], [("", "")], CORPUS])
def test_packing_loses_nothing(texts: list[Text]) -> None:
    model = TextModel.freeze(texts)

    assert_equal(TextModel.unpack(model.pack()), model)


@given(corpora)
@settings(deadline=None)
def test_packing_loses_nothing_of_any_corpus(corpus: list[Text]) -> None:
    model = TextModel.freeze(corpus)

    unpacked = TextModel.unpack(model.pack())

    assert_equal(unpacked, model)
    assert unpacked.pack() == model.pack()


@given(corpora.flatmap(lambda corpus: st.tuples(st.just(corpus), st.permutations(corpus))))
@settings(deadline=None)
def test_order_of_the_texts_changes_no_statistic(orders: tuple[list[Text], list[Text]]) -> None:
    one, other = orders

    assert_equal(TextModel.freeze(one), TextModel.freeze(other))


def test_order_of_many_texts_changes_no_statistic() -> None:
    draw = Draw(3)
    corpus = [(draw.text(20), draw.text(60)) for _ in range(500)]

    assert_equal(TextModel.freeze(corpus), TextModel.freeze(corpus[::-1]))


def test_order_of_the_documents_orders_the_points_alone() -> None:
    model = TextModel.freeze(CORPUS)
    query = ("水泵清洗", "泵站的机器人检测")

    forward = TextIndex(model, CORPUS).points(query, MAXIMUM)
    backward = TextIndex(model, CORPUS[::-1]).points(query, MAXIMUM)

    assert forward.tolist() == backward[::-1].tolist()
    assert len(set(forward.tolist())) == len(CORPUS)


def test_points_are_whole_numbers_one_for_each_document() -> None:
    model = TextModel.freeze(CORPUS)

    found = TextIndex(model, CORPUS).points(("泵", ""), MAXIMUM)

    assert found.dtype == np.int64
    assert found.shape == (4,)
    assert TextIndex(model, []).points(("泵", ""), MAXIMUM).tolist() == []
    assert TextIndex(model, [("", ""), ("！", "")]).points(("泵", ""), MAXIMUM).tolist() == [0, 0]


@pytest.mark.parametrize("corpus", [[], CORPUS])
@pytest.mark.parametrize("query", [("", ""), ("！😀", "。")])
def test_a_scenario_without_letters_finds_nothing(corpus: list[Text], query: Text) -> None:
    assert point(TextModel.freeze(corpus), query, ("水泵", "水泵")) == 0


def test_texts_without_a_common_character_have_no_points() -> None:
    assert point(TextModel.freeze(CORPUS), ("泵", "降噪"), ("光伏", "清洗")) == 0


@given(texts, corpora)
@settings(deadline=None)
def test_a_capability_that_says_what_the_scenario_says_has_all_points(
    query: Text, corpus: list[Text]
) -> None:
    """Its title, or title and body: whichever says more."""
    model = TextModel.freeze([*corpus, query])
    expected = MAXIMUM if tokenize([query]).codes.size else 0

    assert max(point(model, query, said) for said in ((query[0], ""), query)) == expected


def test_a_very_long_text_says_something_beside_short_ones() -> None:
    """Each of its terms is a ten-thousandth of what it says: rounded, that was nothing."""
    body = "".join(chr(0x4E00 + place) for place in range(8000))
    model = TextModel.freeze([("水", "")])
    query = ("！！！", body)

    found = TextIndex(model, [query, ("！", body[:4000]), (UNSEEN, ""), ("一", "")])

    # Half of it says half, and a little more: each weight is rounded up.
    assert found.points(query, MAXIMUM).tolist() == [MAXIMUM, MAXIMUM // 2 + 1, 0, 12]
    assert point(model, ("丁", ""), query) > 0


def test_a_short_title_does_not_make_everything_fit() -> None:
    """水 with a long body: one shared character is little of what the scenario says."""
    body = "轮式巡检底盘搭载热成像与声纹传感器在高温粉尘环境中连续作业"
    model = TextModel.freeze([*CORPUS, ("水处理", ""), ("热成像传感器", "")])

    one_character, several_words = (
        point(model, ("水", body), (title, "")) for title in ("水处理", "热成像传感器")
    )
    assert 0 < one_character < MAXIMUM // 5 < several_words < MAXIMUM


@given(texts, texts, corpora)
@settings(max_examples=300, deadline=None)
def test_points_stay_between_nothing_and_the_maximum(
    query: Text, document: Text, corpus: list[Text]
) -> None:
    found = point(TextModel.freeze(corpus), query, document)

    assert 0 <= found <= MAXIMUM


def test_points_are_capped_where_the_body_says_much_more_than_the_title() -> None:
    # The title says what all say, the body what one other says: a sum of many times the maximum.
    rare = "".join(chr(0x4E00 + place) for place in range(800))
    model = TextModel.freeze([("泵", "泵" * 400)] * 1000 + [("泵", rare)])

    found = TextIndex(model, [("泵", rare), ("水", rare), ("水", "")]).points(("泵", rare), MAXIMUM)

    assert found.tolist() == [MAXIMUM, MAXIMUM, 0]


def test_what_stands_in_a_body_weighs_less_than_in_a_title() -> None:
    model = TextModel.freeze(CORPUS)

    titled, told = (
        point(model, ("水泵降噪", ""), document)
        for document in [("降噪", "风机"), ("风机", "降噪")]
    )
    assert MAXIMUM > titled > told > 0
    titled, told = (
        point(model, query, ("降噪", "")) for query in [("降噪风机", ""), ("风机泵站", "降噪")]
    )
    assert MAXIMUM > titled > told > 0


def test_a_telling_word_counts_more_than_a_common_one() -> None:
    model = TextModel.freeze([("泵", ""), ("泵水", ""), ("泵", ""), ("泵", "")])
    documents = [("水", ""), ("泵", "")]

    telling, common = TextIndex(model, documents).points(("泵，水", ""), MAXIMUM)

    assert telling > 4 * common > 0


def test_width_capitals_and_punctuation_change_no_points() -> None:
    model = TextModel.freeze(CORPUS)
    plain, varied = ("ai 质检 3c", "在线 检测"), ("ＡＩ，质检！３Ｃ", "在线/检测")

    assert point(model, plain, CORPUS[3]) == point(model, varied, CORPUS[3]) > 0
    assert point(model, CORPUS[3], plain) == point(model, CORPUS[3], varied) > 0


def test_a_maximum_of_nothing_gives_nothing() -> None:
    model = TextModel.freeze(CORPUS)

    assert TextIndex(model, CORPUS).points(CORPUS[0], 0).tolist() == [0, 0, 0, 0]


@given(texts | hostile, st.lists(texts | hostile, max_size=4), corpora)
@settings(max_examples=300, deadline=None)
def test_points_agree_with_the_reference(
    query: Text, documents: list[Text], corpus: list[Text]
) -> None:
    plain = TextReference(corpus)

    found = TextIndex(TextModel.freeze(corpus), documents).points(query, MAXIMUM)

    assert found.tolist() == [plain.points(query, each, MAXIMUM) for each in documents]


@given(st.lists(texts | hostile, max_size=4), st.lists(texts | hostile, max_size=8))
@settings(max_examples=300, deadline=None)
def test_impacts_and_weights_of_every_term_agree_with_the_reference(
    several: list[Text], corpus: list[Text]
) -> None:
    model, plain = TextModel.freeze(corpus), TextReference(corpus)
    tokens = tokenize(several)
    impacts, weights = model.impacts(tokens), model.weights(tokens)

    for place, text in enumerate(several):
        assert by_term(tokens, impacts, place) == by_code(plain.impacts(text))
        assert by_term(tokens, weights, place) == by_code(plain.weights(text))


def test_points_agree_with_the_reference_over_longer_texts() -> None:
    draw = Draw(11)
    corpus = [(draw.text(20), draw.text(120)) for _ in range(60)]
    plain = TextReference(corpus)
    index = TextIndex(TextModel.freeze(corpus), corpus)

    for query in [(draw.text(15), draw.text(80)) for _ in range(20)]:
        expected = [plain.points(query, each, MAXIMUM) for each in corpus]
        assert index.points(query, MAXIMUM).tolist() == expected


@pytest.mark.parametrize("repeated", [1, 4000])
def test_impacts_of_extreme_texts_agree_with_the_reference(repeated: int) -> None:
    """Beside one-character texts a long one has nearly no impact, beside long ones a short one has
    nearly all; neither leaves eight bits.
    """
    long = ("泵" * repeated, "泵水" * 10_000)
    for corpus in ([long], [("泵", "")] * 9, [("", "泵")], [("", "")]):
        model, plain = TextModel.freeze(corpus), TextReference(corpus)
        tokens = tokenize([long])
        assert by_term(tokens, model.impacts(tokens)) == by_code(plain.impacts(long))
        assert by_term(tokens, model.weights(tokens)) == by_code(plain.weights(long))
        assert 1 <= model.impacts(tokens).min() <= model.impacts(tokens).max() <= IMPACT_MAX


def test_impacts_of_a_nation_of_long_texts_stay_below_sixty_four_bits() -> None:
    model = TextModel(np.array(coded("泵")), np.array([10**6]), 10**6, 1000 * 10**6)

    (impact, _) = model.impacts(tokenize([("泵" * 4000, "")])).tolist()

    # 20 000 times, among 39 995, where 1000 is the average.
    assert impact == math.floor(250 * 20_000 / (20_000 + 7.5 * (0.25 + 0.75 * 39.995)) + 0.5)


EXTREMES = [
    ("泵", ""),
    ("泵" * 4000, ""),
    ("", "泵" * 20_000),
    ("水", "".join(chr(0x4E00 + place) for place in range(20_000))),
    ("水" * 200, "".join(chr(0x4E00 + place % 6000) for place in range(20_000))),
    ("".join(chr(0x4E00 + place) for place in range(4000)), "水"),
]


@pytest.mark.parametrize("query", EXTREMES, ids=[*"abcdef"])
@pytest.mark.parametrize("corpus", [[], [("泵", "")] * 99, EXTREMES], ids=["none", "short", "long"])
def test_no_sum_of_weights_and_impacts_leaves_thirty_two_bits(
    query: Text, corpus: list[Text]
) -> None:
    """Not even where a document has the greatest impact of every term, as none can have."""
    weights = TextModel.freeze(corpus).weights(tokenize([query]))

    assert weights.min() > 0
    assert IMPACT_MAX * sum(weights.tolist()) < 2**31
    # The bound rests on this: own impacts are at least 1.
    assert sum(weights.tolist()) <= WEIGHT_ONE + len(weights)
