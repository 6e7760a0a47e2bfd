"""The words shown of a pair: named by both texts, as written, and no scraps of words."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.text import Text, TextModel, fold
from matching.engine.words import (
    FILLERS,
    FUNCTION,
    READ_CHARACTERS,
    SHOWN_WORDS,
    WEAK,
    WHOLE,
    _Reading,
    _Signs,
    shared_words,
)
from tests.timing import fastest

SILENT = TextModel.freeze([])


def words(one: str | Text, other: str | Text, *corpus: str) -> list[str]:
    texts = [(each, "") if isinstance(each, str) else each for each in (one, other)]
    model = TextModel.freeze([(each, "") for each in corpus])
    return told(texts[0], texts[1], model)


def told(scenario: Text, capability: Text, model: TextModel) -> list[str]:
    """The words of one pair."""
    (found,) = shared_words([(scenario, capability)], model)
    return found


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("", "", []),
        ("水泵", "", []),
        ("水", "水", []),
        ("水泵", "水泵", ["水泵"]),
        ("工业水泵", "家用水泵", ["水泵"]),
        ("水，泵", "水，泵", []),
        ("水泵😀降噪", "水泵降噪", ["水泵", "降噪"]),
        ("水泵降噪", "水泵\ud800降噪", ["水泵", "降噪"]),
        (("水", "泵"), ("水泵", ""), []),
        (("", "水泵"), ("水泵", ""), ["水泵"]),
        (("风机", "水泵"), ("水泵", "风机"), ["水泵", "风机"]),
        ("水泵降 泵降噪音", "水泵降噪音", ["泵降噪音", "水泵降"]),
    ],
)
def test_words_are_the_longest_runs_of_both(
    one: str | Text, other: str | Text, expected: list[str]
) -> None:
    assert words(one, other) == expected
    assert sorted(words(other, one)) == sorted(expected)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("ＡＩ质检", "AI 质检", ["AI", "质检"]),
        ("ai 质检", "ＡＩ质检", ["ＡＩ", "质检"]),
        ("gpu 集群", "GPU 集群", ["GPU", "集群"]),
        ("co2 捕集", "CO₂ 捕集", ["CO₂", "捕集"]),
        # One sign says more than the run: the run itself.
        ("治水泵", "㍾水泵", ["治水泵"]),
        # A mark that joins the sign before moves what follows.
        ("é 水泵 CAR", "e\u0301 水泵 CAR", ["car", "水泵"]),
    ],
)
def test_words_stand_as_the_capability_writes_them(
    one: str, other: str, expected: list[str]
) -> None:
    assert sorted(words(one, other)) == sorted(expected)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "17、31、20",
            "00 MW",
            "100 Mbps",
            "MPa",
            "１２％",
            "3 台",
            "三个",
            "第二次",
            "30 分钟",
        ),
        *(
            "1200 平方米",
            "一二三四",
            "我们，自己",
            "去年",
            "以上的",
            "的了和",
            "无人，无人",
            "②",
            "0.05 mm",
        ),
    ],
)
def test_figures_units_and_filler_are_no_words(text: str) -> None:
    assert words(text, text) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("仓库的多参考对比", "这的多参考站", ["多参考"]),
        ("摩尔以上", "摩尔以内", ["摩尔"]),
        ("需要水泵和风机", "需要水泵和风机", ["水泵", "风机"]),
        ("我们的水泵在厂里", "我们的水泵在厂里", ["水泵"]),
        ("等离子切割", "等离子切割", ["等离子切割"]),
        ("在线检测", "在线检测", ["在线检测"]),
        # The end of a whole word is no word.
        ("比对水泵", "核对水泵", ["水泵"]),
        ("比对水", "核对水", []),
        # Nor is a part of a name in another writing.
        ("kbps 码流", "Xbps 码流", ["码流"]),
        ("model", "mode", []),
        ("5G 专网", "5G 专网", ["5G", "专网"]),
        ("3D打印", "3D打印", ["3D打印"]),
        ("断网时告警", "断网时补传", ["断网"]),
    ],
)
def test_runs_are_cut_at_function_characters_and_never_inside_a_whole_word(
    one: str, other: str, expected: list[str]
) -> None:
    assert words(one, other) == expected


def test_a_run_gives_up_what_belongs_to_its_neighbour() -> None:
    # What the ranked texts hold together more often than the run does is a word of its own.
    corpus = ["语音识别", "语音合成", "字错率", "分子", "渗透", "渗透膜"]

    assert words("语音字错率", "录音字错率", *corpus) == ["字错率"]
    assert words("分子渗透", "电子渗漏", *corpus) == []
    assert words("语音字错率", "录音字错率") == ["音字错率"]  # no text to know it from
    assert words("音字错率", "音字错率", *corpus) == ["音字错率"]  # both texts end there


def test_no_more_than_six_words_are_shown_the_rarest_first() -> None:
    # Each is said by one text more than the one before.
    said = ["甲乙", "丙丁", "戊己", "庚辛", "壬癸", "子丑", "寅卯"]
    corpus = [word for count, word in enumerate(said, 1) for _ in range(count)]
    text = "，".join(reversed(said))

    assert words(text, text, *corpus) == said[:6]


def test_longer_words_come_first_where_all_characters_tell_alike() -> None:
    assert words("水泵，光伏板，降噪", "降噪，水泵，光伏板") == ["光伏板", "水泵", "降噪"]


def test_a_very_long_run_is_cut() -> None:
    long = "".join(chr(0x5000 + place) for place in range(30))

    assert words(long, long) == [long[:20]]


def test_lists_are_closed_and_do_not_contradict_each_other() -> None:
    assert len(set(FUNCTION)) == len(FUNCTION)
    assert len(set(WHOLE)) == len(WHOLE)
    assert len(set(FILLERS)) == len(FILLERS)
    assert not {*WHOLE} & {*FILLERS}
    assert not {*WEAK} & {*FILLERS}
    assert [word for word in FILLERS if len(word) < 2] == []


# Function characters, whole words, filler, figures and units between words.
scraps = st.sampled_from(
    [
        *"的在对和每时化，水泵降噪光伏",
        *("在线", "等离子", "比对", "需要", "我们", "12", "30 分钟", "三个", "第二", "无人"),
        *("MPa", "5G", "ＡＩ", "CAR", "㍾", "e\u0301"),
    ]
)
texts = st.lists(scraps, max_size=12).map("".join)
every = st.tuples(texts, texts) | st.tuples(st.text(), st.text())


@given(every, every, st.lists(every, max_size=4), st.booleans())
@settings(max_examples=500, deadline=None)
def test_every_word_is_named_by_both_texts_and_is_no_scrap(
    one: Text, other: Text, corpus: list[Text], again: bool
) -> None:
    other = (other[0], other[1] + one[1][2:]) if again else other
    model = TextModel.freeze(corpus)

    found = told(one, other, model)

    assert len(found) <= SHOWN_WORDS
    assert len({fold(word) for word in found}) == len(found)
    for word in map(fold, found):
        assert word in fold(" ".join(one))
        assert word in fold(" ".join(other))
        assert len(word) >= 2
        assert " " not in word
        assert not word.isnumeric()
        assert word[0] not in FUNCTION or word.startswith(WHOLE), word
        assert word[-1] not in FUNCTION or word.endswith(WHOLE), word
        assert word not in WEAK
        assert not any(filler in word for filler in ("我们", "需要")), word
    assert told(one, other, TextModel.unpack(model.pack())) == found


@given(every, st.lists(every, max_size=5), st.lists(every, max_size=4), st.booleans())
@settings(max_examples=300, deadline=None)
def test_pairs_are_told_alike_alone_and_among_others(
    one: Text, others: list[Text], corpus: list[Text], asks: bool
) -> None:
    """Texts that stand in several pairs are read once; all runs are looked for together."""
    model = TextModel.freeze(corpus)
    pairs = [(one, other) if asks else (other, one) for other in others]

    assert shared_words(pairs, model) == [told(*pair, model) for pair in pairs]


@given(texts, texts)
@settings(max_examples=300, deadline=None)
def test_what_is_read_around_shared_terms_is_what_is_read_there_of_the_whole(
    one: str, other: str
) -> None:
    def read(asked: list[int], offered: list[int]) -> _Signs:
        readings = [_Reading((one, other)), _Reading((other, ""))]
        return _Signs(readings, np.array(asked), np.array(offered))

    around, whole = read([0], [1]), read([0, 1], [0, 1])

    row = around.row
    halves = row.strip("\n").split("\n")
    for place in range(1, len(row) - 2):
        term = row[place : place + 2]
        if not set(term) & {" ", "\n"} and all(term in half for half in halves):
            signs, terms = slice(place - 1, place + 3), slice(place - 1, place + 2)
            assert around.points[signs].tolist() == whole.points[signs].tolist()
            assert around.terms[terms].tolist() == whole.terms[terms].tolist()
            assert around.firm[terms].tolist() == whole.firm[terms].tolist()


@given(
    st.permutations(["水泵", "光伏板", "降噪", "岸桥", "MPa", "5G", "的", "岸电", "质检", "质检"])
)
@settings(deadline=None)
def test_the_order_of_a_text_is_no_matter(said: list[str]) -> None:
    text = "，".join(said)

    assert words(text, "水泵，光伏板，降噪，岸桥，5G，岸电，质检") == words(
        "水泵，光伏板，降噪，岸桥，5G，岸电，质检", text
    )


HAN = [chr(0x4E00 + place) for place in range(4000)]


def drawn(alphabet: str | list[str]) -> Callable[[int, int], str]:
    return lambda size, seed: "".join(random.Random(seed).choices(alphabet, k=size))


@pytest.mark.parametrize(
    "write",
    [
        drawn("ab"),
        drawn("一1m "),
        drawn("水泵"),
        drawn(HAN[:30]),  # of more, short texts have hardly anything in common
        lambda size, seed: "a" * (size - 1) + "ab"[seed],
        lambda size, seed: "一" * size,
        lambda size, seed: "1" * size,
        lambda size, seed: ("水" * (40 - seed) + "泵") * (size // 40),
        lambda size, seed: "，".join(HAN[: size // 2][:: [1, -1][seed]]),
    ],
    ids=[
        *("two letters", "counts", "two characters", "many characters", "one letter"),
        *("one count", "one figure", "repeated", "single characters"),
    ],
)
def test_time_grows_with_the_length_of_texts_and_not_with_its_square(
    write: Callable[[int, int], str],
) -> None:
    """32 times the text: some 32 times as long, not 1,024.

    Texts of few signs share longer runs the longer they are, which costs up to 50 times.
    """

    def seconds(size: int) -> float:
        one, other = (("", write(size, seed)) for seed in (0, 1))
        model = TextModel.freeze([one])
        turns = count()
        # Another asked text each time, so that none is known already.
        return fastest(lambda: told((f"{next(turns)}", one[1]), other, model))

    assert seconds(8000) < 100 * seconds(250)


def test_signs_that_fold_into_many_letters_are_read_as_far_as_a_record_reaches() -> None:
    long = "㍾" * READ_CHARACTERS  # 明治
    text = f"水泵，{long}，降噪"

    assert words(text, text) == ["㍾" * 10, "水泵"]
    assert words(text, "明治，水泵，降噪") == ["明治", "水泵"]
