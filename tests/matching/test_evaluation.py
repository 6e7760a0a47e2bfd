"""Measures by hand on tiny collections, their spread, the baseline, and each fault of the data."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import numpy as np
import pytest

from common.errors import InvalidFiles
from matching.engine.baseline import K1, B, WordBM25, words
from matching.engine.evaluation import (
    MEASURES,
    Achievement,
    Collection,
    Floats,
    Need,
    difference,
    evaluate,
    interval,
)
from matching.judgements import parse_collection

D2 = 1 / math.log2(3)  # the discount at rank 2
D4 = 1 / math.log2(5)
KEYS = ("A1", "A2", "A3", "A4", "A5")
# Need → scores of A1 to A5.
SCORES = {
    "N1": [7, 6, 8, 5, 9],
    "N2": [1, 1, 1, 2, 1],
    "N3": [1, 2, 3, 4, 5],
    "N4": [1, 2, 3, 4, 5],
}
JUDGEMENTS = [
    ("N1", "A1", 4),
    ("N1", "A2", 2),
    ("N1", "A3", 1),
    ("N2", "A4", 2),
    ("N2", "A5", 1),
    ("N3", "A1", 1),
]


def collection(judgements: list[tuple[str, str, int]], keys: tuple[str, ...] = KEYS) -> Collection:
    return Collection.of(
        [Need(key, key, "") for key in SCORES],
        [Achievement(key, key) for key in keys],
        judgements,
    )


def scores(title: str, body: str) -> Floats:
    return np.array(SCORES[title], dtype=np.float64)


def constant(size: int) -> Callable[[str, str], Floats]:
    return lambda title, body: np.zeros(size)


def test_measures_of_each_need_are_those_worked_out_by_hand() -> None:
    # N1 ranks A5, A3, A1 (gain 7), A2 (gain 1), A4; of the judged ones A3, A1, A2.
    values = evaluate(scores, collection(JUDGEMENTS))

    ideal = 7 + D2
    assert values["judged_ndcg10"][0] == pytest.approx((7 * D2 + 1 / 2) / ideal)
    assert values["full_ndcg10"][0] == pytest.approx((7 / 2 + D4) / ideal)
    assert values["mrr10"][0] == 1 / 3
    assert values["recall50"][0] == 1.0


def test_needs_are_skipped_where_a_measure_is_undefined() -> None:
    # N2 has nothing relevant, N3 no gain at all, N4 no judgement.
    values = evaluate(scores, collection(JUDGEMENTS))

    defined = {
        measure: [not math.isnan(value) for value in values[measure]] for measure in MEASURES
    }
    assert defined == {
        "judged_ndcg10": [True, True, False, False],
        "full_ndcg10": [True, True, False, False],
        "mrr10": [True, False, False, False],
        "recall50": [True, False, False, False],
    }
    assert values["judged_ndcg10"][1] == 1.0
    assert [interval(values[measure]).needs for measure in MEASURES] == [2, 2, 1, 1]


def test_cut_offs_stand_behind_rank_ten_and_fifty() -> None:
    keys = tuple(f"A{number:02}" for number in range(1, 61))
    descending = np.arange(60, 0, -1)
    judgements = [("N1", "A11", 4), ("N1", "A50", 3), ("N1", "A51", 3)]

    values = evaluate(lambda title, body: descending, collection(judgements, keys))

    assert values["judged_ndcg10"][0] == 1.0
    assert values["full_ndcg10"][0] == 0.0
    assert values["mrr10"][0] == 0.0
    assert values["recall50"][0] == 2 / 3


def test_first_relevant_at_rank_ten_counts() -> None:
    keys = tuple(f"A{number:02}" for number in range(1, 13))

    values = evaluate(constant(12), collection([("N1", "A10", 3)], keys))

    assert values["mrr10"][0] == 1 / 10
    assert values["full_ndcg10"][0] == pytest.approx(1 / math.log2(11))


def test_constant_scorer_is_not_flattered_by_the_order_of_the_files() -> None:
    # The relevant ones come first in both files and last by id.
    keys = tuple(f"A{number:02}" for number in range(12, 0, -1))
    judgements = [("N1", "A12", 4), ("N1", "A11", 3), ("N1", "A01", 1), ("N1", "A02", 1)]
    ideal = 7 + 3 * D2

    values = evaluate(constant(12), collection(judgements, keys))

    assert values["judged_ndcg10"][0] == pytest.approx((3 / 2 + 7 * D4) / ideal)
    assert values["full_ndcg10"][0] == 0.0
    assert values["mrr10"][0] == 0.0


def test_input_order_changes_nothing() -> None:
    forward = evaluate(scores, collection(JUDGEMENTS))
    backward = evaluate(scores, collection(JUDGEMENTS[::-1], KEYS[::-1]))

    for measure in MEASURES:
        np.testing.assert_array_equal(forward[measure], backward[measure])


def test_repeated_judgements_count_with_their_mean() -> None:
    # Levels 2 and 4 make 3: relevant, gain 3. Levels 2 and 3 make 2.5: not relevant.
    repeated = [("N1", "A1", 2), ("N1", "A1", 4), ("N1", "A2", 3), ("N1", "A2", 2)]

    found = collection(repeated)
    values = evaluate(scores, found)

    assert found.judged["N1"].levels.tolist() == [3.0, 2.5]
    assert values["judged_ndcg10"][0] == 1.0
    assert values["full_ndcg10"][0] == pytest.approx(
        (3 / 2 + (2**1.5 - 1) * D4) / (3 + (2**1.5 - 1) * D2)
    )
    assert values["mrr10"][0] == 1 / 3


@pytest.mark.parametrize(
    "answer", [np.zeros(4), np.zeros((5, 1)), np.array([1, 2, math.nan, 4, 5])]
)
def test_scorer_that_leaves_out_numbers_is_refused(answer: Floats) -> None:
    with pytest.raises(ValueError, match="need N1: one number per achievement"):
        evaluate(lambda title, body: answer, collection(JUDGEMENTS))


def test_interval_of_two_values_is_that_of_their_three_means() -> None:
    # Draws of two give 0, ½ and 1 with ¼, ½, ¼: both percentiles fall on the ends.
    found = interval(np.array([0.0, math.nan, 1.0]))

    assert (found.mean, found.low, found.high, found.needs) == (0.5, 0.0, 1.0, 2)


def test_interval_is_the_same_every_time_and_holds_the_mean() -> None:
    values = np.linspace(0, 1, 30) ** 2

    first = interval(values)
    interval(values[:7])

    assert interval(values) == first
    assert first.low < first.mean < first.high
    # About two standard errors on each side.
    error = values.std() / math.sqrt(30)
    assert first.high - first.low == pytest.approx(2 * 1.96 * error, rel=0.05)


def test_interval_over_no_need_is_undefined() -> None:
    found = interval(np.array([math.nan]))

    assert found.needs == 0
    assert all(math.isnan(value) for value in (found.mean, found.low, found.high))


def test_difference_is_paired_and_positive_where_ours_is_better() -> None:
    theirs = {measure: np.array([0.0, 0.25, 0.75, math.nan]) for measure in MEASURES}
    ours = {measure: values + 0.125 for measure, values in theirs.items()}

    gain = interval(difference(ours, theirs)["mrr10"])
    loss = interval(difference(theirs, ours)["mrr10"])

    # Far apart as the needs are, every one gains the same.
    assert (gain.mean, gain.low, gain.high, gain.needs) == (0.125, 0.125, 0.125, 3)
    assert (loss.mean, loss.low, loss.high) == (-0.125, -0.125, -0.125)


def test_baseline_is_bm25_as_published() -> None:
    index = WordBM25(["pump valve", "pump pump motor sensor", "！？"])
    query_words = ("pump", "motor")

    found = index.scores("Pump motor", "")

    def weight(documents: int, frequency: int, length: int) -> float:
        idf = math.log(1 + (3 - documents + 0.5) / (documents + 0.5))
        return idf * frequency / (frequency + K1 * (1 - B + B * length / 2))

    assert words("Pump motor") == list(query_words)
    assert found == pytest.approx([weight(2, 1, 2), weight(2, 2, 4) + weight(1, 1, 4), 0.0])


def test_baseline_counts_a_body_a_fifth_and_each_word_as_often_as_said() -> None:
    index = WordBM25(["pump valve", "motor sensor"])

    once = index.scores("pump", "")

    assert index.scores("", "pump") == pytest.approx(once / 5)
    assert index.scores("pump pump", "") == pytest.approx(once * 2)
    assert index.scores("", "").tolist() == [0.0, 0.0]


def test_baseline_segments_long_words_as_for_search() -> None:
    assert words("清华大学的 LED！") == ["清华", "华大", "大学", "清华大学", "的", "led"]


def test_baseline_over_titles_without_words_scores_nothing() -> None:
    assert WordBM25(["！", "—"]).scores("泵", "泵").tolist() == [0.0, 0.0]


NEED = {"need": "N1", "title": "水泵降噪", "body": ""}
OTHER_NEED = {"need": "N2", "title": "光伏板清洗", "body": "少用水"}
ACHIEVEMENT = {"achievement": "A1", "title": "低噪水泵"}
OTHER_ACHIEVEMENT = {"achievement": "A2", "title": "干式清洗机"}
HEADER = "need\tachievement\tlevel\n"


def lines(*records: object) -> bytes:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in records).encode()


def files(**changed: bytes | None) -> dict[str, bytes]:
    """A faultless set; ``needs=…`` and so on replaces a file, ``None`` leaves it out."""
    contents = {
        "needs": lines(NEED, OTHER_NEED),
        "achievements": lines(ACHIEVEMENT, OTHER_ACHIEVEMENT),
        "judgements": f"{HEADER}N1\tA1\t4\nN2\tA2\t3\n".encode(),
    } | changed
    names = {
        "needs": "needs.jsonl",
        "achievements": "achievements.jsonl",
        "judgements": "judgements.tsv",
    }
    return {names[key]: content for key, content in contents.items() if content is not None}


def faults(contents: dict[str, bytes]) -> list[str]:
    with pytest.raises(InvalidFiles) as caught:
        parse_collection(contents)
    return [str(problem) for problem in caught.value.problems]


def test_good_files_are_read_in_the_order_of_ids() -> None:
    # As Windows writes it: a byte order mark, CR LF; further fields and blank lines are no matter.
    needs = lines(OTHER_NEED, NEED | {"city": "广州"}).replace(b"\n", b"\r\n\r\n")
    judgements = "level\tneed\tachievement\r\n4\tN1\tA1\r\n".encode("utf-8-sig")
    titled = ACHIEVEMENT | {"title": "第一行\u2028第二行"}

    found = parse_collection(
        files(
            needs="\ufeff".encode() + needs,
            achievements=lines(OTHER_ACHIEVEMENT, titled),
            judgements=judgements,
        )
    )

    assert found.needs == (Need("N1", "水泵降噪", ""), Need("N2", "光伏板清洗", "少用水"))
    assert found.achievements == (
        Achievement("A1", "第一行\u2028第二行"),
        Achievement("A2", "干式清洗机"),
    )
    assert list(found.judged) == ["N1"]
    assert found.judged["N1"].positions.tolist() == [0]
    assert found.judged["N1"].levels.tolist() == [4.0]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "needs.jsonl:1: 没有这个文件"),
        (b"", "needs.jsonl:1: 文件是空的"),
        (b"\xef\xbb\xbf\n \r\n", "needs.jsonl:1: 文件是空的"),
        (
            lines(NEED) + "水泵".encode("gb18030"),
            "needs.jsonl:2: 文件不是 UTF-8 编码，请另存为 UTF-8 后重试",
        ),
        (lines(NEED, "N2"), "needs.jsonl:2: 应为“名称: 值”的结构"),
        (lines({"need": "N1", "title": "泵"}), "needs.jsonl:1: body: 缺少这一项"),
        (lines(NEED, {"title": "泵", "body": ""}), "needs.jsonl:2: need: 缺少这一项"),
        (lines(NEED | {"need": 1}), "needs.jsonl:1: need: 应为文字（数字请加引号）"),
        (lines(NEED | {"body": None}), "needs.jsonl:1: body: 应为文字（数字请加引号）"),
        (lines(NEED | {"title": " "}), "needs.jsonl:1: title: 不能为空"),
        (
            b'{"need": "N1", "title": "\\ud83d", "body": ""}',
            "needs.jsonl:1: title: 含有不完整的字符",
        ),
        (lines(NEED, OTHER_NEED, NEED), "needs.jsonl:3: need: 编号 “N1” 重复，第 1 行已有"),
    ],
    ids=[
        "missing",
        "empty",
        "blank",
        "encoding",
        "no object",
        "no body",
        "no id",
        "number",
        "null",
        "blank title",
        "surrogate",
        "twice",
    ],
)
def test_each_fault_of_records_names_its_place(content: bytes | None, fault: str) -> None:
    assert faults(files(needs=content)) == [fault]


@pytest.mark.parametrize("content", [b"{", b"[" * 100_000, b"9" * 5000, b"{'need': 1}"])
def test_broken_json_names_its_line(content: bytes) -> None:
    (fault,) = faults(files(achievements=lines(ACHIEVEMENT) + content))

    assert fault.startswith("achievements.jsonl:2: JSON 无法解析：")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "judgements.tsv:1: 没有这个文件"),
        (b"", "judgements.tsv:1: 文件是空的"),
        (HEADER.encode(), "judgements.tsv:1: 只有列名，没有数据"),
        (b"need\tachievement\nN1\tA1\n", "judgements.tsv:1: level: 缺少这一列"),
        (
            f"{HEADER}\nN1\tA1\n".encode(),
            "judgements.tsv:3: 应有 3 列，实有 2 列",
        ),
        (f"{HEADER}N1\tA1\t5\n".encode(), "judgements.tsv:2: level: 应为 1 至 4，现为 “5”"),
        (f"{HEADER}N1\tA1\t0\n".encode(), "judgements.tsv:2: level: 应为 1 至 4，现为 “0”"),
        (f"{HEADER}N1\tA1\t2.5\n".encode(), "judgements.tsv:2: level: 应为 1 至 4，现为 “2.5”"),
        (f"{HEADER}N1\tA1\t\n".encode(), "judgements.tsv:2: level: 应为 1 至 4，现为 “”"),
        (f"{HEADER}N9\tA1\t4\n".encode(), "judgements.tsv:2: need: 没有编号为 “N9” 的记录"),
        (f"{HEADER}N1\tN1\t4\n".encode(), "judgements.tsv:2: achievement: 没有编号为 “N1” 的记录"),
        (
            f"{HEADER}N1\tA1\t4\n".encode() + "泵".encode("gb18030"),
            "judgements.tsv:3: 文件不是 UTF-8 编码，请另存为 UTF-8 后重试",
        ),
    ],
    ids=[
        "missing",
        "empty",
        "header only",
        "no column",
        "short row",
        "too high",
        "too low",
        "fraction",
        "no level",
        "no such need",
        "no such achievement",
        "encoding",
    ],
)
def test_each_fault_of_judgements_names_its_place(content: bytes | None, fault: str) -> None:
    assert faults(files(judgements=content)) == [fault]


def test_every_fault_is_reported_but_none_that_only_follows_from_another() -> None:
    # N2 is lost with its broken line: judgements that name it are not to blame.
    found = faults(
        files(
            needs=lines(NEED) + b"{}\n",
            achievements=lines(ACHIEVEMENT),
            judgements=f"{HEADER}N2\tA2\t3\nN1\tA1\tx\n".encode(),
        )
    )

    assert found == [
        "needs.jsonl:2: need: 缺少这一项",
        "needs.jsonl:2: title: 缺少这一项",
        "needs.jsonl:2: body: 缺少这一项",
        "judgements.tsv:2: achievement: 没有编号为 “A2” 的记录",
        "judgements.tsv:3: level: 应为 1 至 4，现为 “x”",
    ]
