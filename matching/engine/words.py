"""The words that a person would name of what two texts have in common.

No dictionary tells where a Chinese word ends. What does: signs, another writing, figures, the
closed lists below, and how many of the ranked texts have two characters together. A shared run is
shown as far as neither text holds together more firmly across its end than the run does within.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from matching.engine.runs import Runs, SharedRuns, ranges, shared_runs
from matching.engine.text import Ints, Text, TextModel, codes, fold

SHOWN_WORDS = 6
LONGEST_WORD = 20
# Above what a record can hold; single signs that fold into many letters could make more of it.
READ_CHARACTERS = 20_000


def _listed(words: str) -> tuple[str, ...]:
    """The longest first, which is how a pattern should try them."""
    return tuple(sorted(words.split(), key=len, reverse=True))


# Between words and part of none, but for WHOLE.
FUNCTION = (
    "的了着和与及或在到以把被从对为是有个每各等其这那哪也就都而之于且但又还再已没并由给让将所只按"
    "能会要可不去来做看很最先后前至"
)
# Words that hold a character of FUNCTION.
WHOLE = _listed("""
在线 在轨 在位 在岗 在途 在研 在建 存在 潜在 所在地 等离子 等级 等效 等压 等温 等高 高等 中等
均等 等待 对照 对接 对比 对准 对齐 对象 对话 对称 对流 对位 对外 对标 对虾 对抗 对焦 对冲 对讲
对应 比对 核对 校对 配对 绝对 相对 面对 应对 针对 以太 到位 到达 到货 到期 到港 到站 端到端
点对点 及时 普及 饱和 总和 共和 和谐 缓和 调和 中和 目的 标的 参与 把手 把握 把关 把控 被动
从业 从属 从动 主从 行为 作为 有机 有限 有源 有色 有毒 有害 有效 有序 有线 有氧 有载 专有 稀有
共有 国有 所有权 个体 个性 个案 个人 单个 各向 各类 就近 就地 就业 就诊 就医 都市 首都 成都
自由 自由度 路由 并发 并行 并网 并联 并购 合并 再生 再制造 再利用 还原 淹没 没收 由来 所需 场所
研究所 交易所 厕所 按键 按钮 按摩 按需 按压 能量 能源 能耗 能效 能见度 能谱 能级 能力 性能 智能
功能 储能 节能 动能 势能 效能 赋能 核能 氢能 热能 电能 光能 太阳能 风能 机能 职能 技能 使能
蓄能 吸能 会议 会诊 会话 会展 会计 社会 协会 机会 大会 峰会 展会 要素 要点 要求 重要 必要 摘要
纪要 可靠 可见 可燃 可控 可视 可追溯 可变 可再生 可穿戴 可编程 可辨 可疑 可信 许可 认可 不锈钢
不良 不间断 不规则 不合格 不均匀 不停机 不停产 不停电 不停航 不确定 不燃 去除 去噪 去重 去向
去离子 来源 来料 来水 来流 未来 看护 看台 看板 查看 观看 做工 供给 给水 给料 给药 补给 自给
给排水 转让 了解 着陆 着色 着火 着力 附着 附着力 粘着 黏着 沉着 优先 先进 先导 领先 后台 后端
后处理 后视 后续 售后 滞后 前端 前置 前沿 前馈 产前 术前 提前 实时 即时 临时 工时 延时 定时
耗时 历时 计时 授时 准时 超时 一次性 二次电池 二次开发 二次供水 半成品 千分尺 中间件 截至
""")
# What any text may say, whatever it is about.
FILLERS = _listed("""
我们 我方 你们 他们 自己 本身 一个 以上 以下 以内 以外 以前 以后 以来 之间 之内 之后 之前 之一
目前 现在 现有 已有 已经 可以 可用 也可 即可 仍可 需要 必须 应当 进行 其中 其他 其余 去年 今年
明年 前年 如果 因为 所以 由于 因此 超过 低于 高于 小于 大于 至少 最多 最高 最低 最长 最后 左右
平均 大约 一起 一半 一直 一样 一般 一些 一定 一副 同一 同时 直接 这样 怎么 什么 哪些 部分 给出
达到 降到 升到 得到 收到 遇到 用到 试过 用过 用于 用来 便于 另有 另外 自有 原有 通过 采用 改用
使用 利用 提供 支持 完成 实现 包括 起来 出来 下来 上来 一旦 按照 平常 普通 日常 很多 许多 大多
不少 更多 更少 多少 来说 期间 当天 当年 当前 百分之 个百分点 百分点 可能 容易 非常 十分 仍然
仍能 主要 相关 有关 各种 同样 分别 继续 取得 愿意 全部 范围内 范围 中间 前后 内侧 建议 符合
累计 连续 说明 知道 第三方 时间 摄氏度
""")
# Words only as part of longer ones.
WEAK = frozenset(["无人", "运行", "工作", "自动", "重新", "操作", "结果", "机上", "方式"])
NEVER_FIRST = "化型性式率器们者"
NEVER_LAST = "时经里"
_UNITS = (
    "[munk]?m|[munk]g|[mun]?s|m?l|[gmk]?w|[gmk]?wh|[mk]?v|[munk]?a|[gmk]?hz|[gmkh]?pa|[gmktp]b|"
    "[gmk]?bps|[gmk]j|cm|dm|mol|rpm|pp[mb]|fps|m?ah|min|h|kn|db[mi]?|n?m[23]|[cm]m[23]|kva"
)
_LONG_MEASURES = (
    "毫米|厘米|微米|纳米|公里|千米|海里|平方公里|平方千米|平方米|立方米|平方厘米|英寸|公斤|千克|"
    "毫克|微克|毫升|公顷|小时|分钟|毫秒|微秒|纳秒|秒钟|个月|工作日|千瓦时|千瓦|兆瓦|瓦时|安时|兆帕|"
    "万元|亿元"
)
_MEASURES = (
    "[个次条家套台张批处天年月日号种轮周只件颗名位辆组层倍步秒分米度成起类项路块根支段款份道点克升"
    "瓦伏安帕轴人时吨亩元级盏座]"
)
_COUNTS = "一二两三四五六七八九十百千万亿零几半"
_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# From the first sign that is no space.
_NOT_HAN = r"!-\u33ff\ua000-\uf8ff\ufb00-\U0001ffff\U00040000-\U0010ffff"
# A letter or figure of any writing that sets off its words, as Chinese does not.
_LETTER = rf"[^\W_{_HAN}]"
_COUNTED = rf"第?[{_COUNTS}\d]{{1,9}} ?(?:{_LONG_MEASURES}|{_MEASURES})(?!{_LETTER})"
_LISTED = (*WHOLE, *FILLERS, *_LONG_MEASURES.split("|"), *FUNCTION, *_COUNTS, "第")
# Signs that a piece can begin with.
_STARTS = re.compile(f"[{_NOT_HAN}{''.join({each[0] for each in _LISTED})}]")
_FIRM = 1 << 40  # above any count of texts


class _Pieces(dict[str, Callable[[str, int], re.Match[str] | None]]):
    """What is no part of a word (``blank``), words given here, and runs of other writings, by
    first sign: a pattern of all hundreds would try them one by one at every sign.
    """

    def __missing__(self, sign: str) -> Callable[[str, int], re.Match[str] | None]:
        if re.match(f"[{_HAN}]", sign):
            whole = [word for word in WHOLE if word[0] == sign]
            blank = [word for word in FILLERS if word[0] == sign]
            blank += [_COUNTED] if sign in f"{_COUNTS}第" else []
            blank += [unit for unit in _LONG_MEASURES.split("|") if unit[0] == sign]
            blank += [sign] if sign in FUNCTION else []
            ways = [f"(?P<blank>{'|'.join(blank)})"] if blank else []
            pattern = re.compile("|".join([*whole, *ways]))
        else:
            pattern = _OTHER_WRITING
        return self.setdefault(sign, pattern.match)


_OTHER_WRITING = re.compile(
    f"(?P<blank>{_COUNTED}|"
    rf"(?<!{_LETTER})\d* ?(?:{_UNITS})(?!{_LETTER})|(?<!{_LETTER})\d+(?!{_LETTER}))|{_LETTER}+"
)
_PIECES = _Pieces()


def _pieces(folded: str, start: int, end: int) -> Iterator[re.Match[str]]:
    for sign in _STARTS.finditer(folded, start, end):
        if sign.start() >= start and (found := _PIECES[sign[0]](folded, sign.start())):
            start = found.end()
            yield found


@lru_cache(maxsize=1)
def _held() -> NDArray[np.bool_]:
    """Whether a piece may hold each sign of the first plane, the last of which stands for all
    others; none reaches over the end of a line.
    """
    held = np.ones(1 << 16, bool)
    held[0x3400:0xA000] = held[0xF900:0xFB00] = held[ord("\n")] = False
    held[[*map(ord, {*"".join(_LISTED), *_MEASURES[1:-1]})]] = True
    return held


@lru_cache(maxsize=1 << 14)
def _width(sign: str) -> int:
    return len(fold(sign))


class _Reading:
    """A text as written and folded; its signs begin at ``start`` among those of all texts."""

    def __init__(self, text: Text) -> None:
        self.written = " ".join(text)[:READ_CHARACTERS]
        self.folded = fold(self.written)[:READ_CHARACTERS]
        self.start = 0

    @cached_property
    def _places(self) -> Sequence[int]:
        """Where in ``written`` the sign of each folded character stands."""
        if {*map(_width, {*self.written})} <= {1}:
            return range(len(self.written))
        places = [place for place, sign in enumerate(self.written) for _ in range(_width(sign))]
        # Signs that fold together, not each for itself, move all places: ``as_written`` sees to it.
        return places + [len(self.written) - 1] * (len(self.folded) - len(places))

    def as_written(self, start: int, end: int) -> str:
        """The signs of a run; the folded run where one sign holds more than that."""
        run = self.folded[start:end]
        if self.written[start:end] == run:
            return run
        signs = self.written[self._places[start] : self._places[end - 1] + 1]
        return signs if fold(signs) == run else run


class _Signs:
    """The signs of several texts in one row, each text between two line ends.

    A place in the row stands for a sign, or for a term: the sign and the one behind it. ``terms``
    are numbered, 0 where one of the two is no part of a word; ``codes`` by their numbers.
    ``firm``: whether a word of the lists above, or of another writing, holds the two together.
    """

    def __init__(self, readings: Sequence[_Reading], asked: Ints, offered: Ints) -> None:
        """``asked`` and ``offered``: the texts that are compared, by number. Pieces are sought only
        around terms that stand on both sides: some dozen signs of hundreds.
        """
        place = 1
        for each in readings:
            each.start = place
            place += len(each.folded) + 1
        self.row = "\n".join(["", *(each.folded for each in readings), ""])
        self.points, pairs = codes(self.row)
        said = (self.points != ord(" ")) & (self.points != ord("\n"))
        pairs = np.where(said[:-1] & said[1:], pairs, -1)
        self.codes, self.terms = np.unique(np.append(pairs, -1), return_inverse=True)
        text = np.repeat(np.arange(len(readings)), [len(each.folded) + 1 for each in readings])
        blank: list[tuple[int, int]] = []
        whole: list[tuple[int, int]] = []
        for start, end in self._around(self._met(np.append(0, text), asked, offered)):
            for found in _pieces(self.row, start, end):
                (blank if found.lastgroup else whole).append(found.span())
        self.firm = _covered([(start, end - 1) for start, end in whole], len(self.points))
        said &= ~_covered(blank, len(self.points))
        self.points[~said] = ord(" ")
        self.terms[~(said & np.append(said[1:], False))] = 0

    def _met(self, text: Ints, asked: Ints, offered: Ints) -> Ints:
        """The places of terms that are said on both sides."""
        both = np.ones(len(self.codes), bool)
        both[0] = False
        for side in (asked, offered):
            heard = np.zeros(len(self.codes), bool)
            heard[self.terms[np.isin(text, side)]] = True
            both &= heard
        return np.flatnonzero(both[self.terms])

    def _around(self, places: Ints) -> list[tuple[int, int]]:
        """What has to be read to know the terms at ``places`` and the signs beside them: as far as
        signs stand that a piece can hold.
        """
        (ends,) = np.nonzero(~_held()[np.minimum(self.points, 0xFFFF)])
        before, behind = np.searchsorted(ends, [places, places + 2])
        begins, until = ends[before - 1] + 1, ends[behind]
        new = np.append(True, begins[1:] > until[:-1])[: len(places)]
        return list(
            zip(
                begins[new].tolist(),
                until[np.append(new[1:], True)[: len(places)]].tolist(),
                strict=True,
            )
        )

    def text(self, reading: _Reading) -> str:
        """With spaces for what is no part of a word."""
        own = self.points[reading.start : reading.start + len(reading.folded)]
        return own.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")


def _covered(spans: list[tuple[int, int]], size: int) -> NDArray[np.bool_]:
    """Which places lie in one of ``spans``, none of which overlap."""
    starts, ends = np.fromiter(chain(*spans), np.int64).reshape(-1, 2).T
    marks = np.bincount(starts, minlength=size + 1) - np.bincount(ends, minlength=size + 1)
    return np.asarray(np.cumsum(marks[:-1]) > 0)


def shared_words(pairs: Sequence[tuple[Text, Text]], model: TextModel) -> list[list[str]]:
    """For each scenario and capability the words of both texts as the capability writes them, the
    most telling first.

    Near linear in the texts: anybody may ask for fifty long ones at once (THREATS A16).
    """
    numbers = {text: number for number, text in enumerate(dict.fromkeys(chain(*pairs)))}
    readings = list(map(_Reading, numbers))
    both = np.array([[numbers[text] for text in pair] for pair in pairs], np.int64)
    asked, offered = both.reshape(-1, 2).T
    signs = _Signs(readings, asked, offered)
    runs = _runs(readings, signs, asked, offered)
    return _Words(signs, runs, model).told([readings[numbers[offered]] for _, offered in pairs])


def _runs(readings: list[_Reading], signs: _Signs, asked: Ints, offered: Ints) -> SharedRuns:
    begins = np.array([each.start for each in readings], np.int64)
    ends = begins + np.array([len(each.folded) for each in readings], np.int64)
    runs, left = shared_runs(signs.terms, begins, ends, asked, offered)
    for pair in left:
        one, other = readings[asked[pair]], readings[offered[pair]]
        found = Runs(signs.text(one)).shared_with(signs.text(other))
        rows = [(pair, one.start + own, other.start + at, size) for at, own, size in found]
        runs = runs.joined(SharedRuns(*np.array(rows, np.int64).reshape(-1, 4).T))
    return runs


class _Words:
    """The words in ``runs``, each of which lies in ``bonds``, ``points`` and ``pairs`` with the
    places before its first sign and at its last.

    ``bonds``: how firmly the signs of a place hold together in the firmer of both texts: in how
    many texts the two stand together, more than all inside a word, 0 beside what is no part of a
    word. ``points`` and ``pairs``: the sums of ``TextModel.idf`` up to a place.
    """

    def __init__(self, signs: _Signs, runs: SharedRuns, model: TextModel) -> None:
        self._row = signs.row
        self._lengths = np.minimum(runs.length, LONGEST_WORD)
        self._runs = runs
        own, run = ranges(runs.offered - 1, runs.offered + self._lengths)
        other = own + (runs.asked - runs.offered)[run]
        places = np.concatenate([own, other])
        known, back = np.unique(signs.terms[places], return_inverse=True)
        spread = model.spread(signs.codes[known])[back]
        bonds = np.where(signs.firm[places], _FIRM, spread)
        self._bonds = np.maximum(bonds[: len(own)], bonds[len(own) :]).tolist()
        idf = model.idf(signs.codes[known])[back[: len(own)]]
        self._pairs: list[int] = np.append(0, np.cumsum(idf)).tolist()
        points, back = np.unique(signs.points[own + 1], return_inverse=True)
        self._points: list[int] = np.append(0, np.cumsum(model.idf(points)[back])).tolist()

    def told(self, readings: list[_Reading]) -> list[list[str]]:
        """The words of each pair, as the capability's text writes them."""
        found: list[dict[str, tuple[int, int]]] = [{} for _ in readings]
        at = 0
        runs = self._runs.pair.tolist(), self._runs.offered.tolist(), self._lengths.tolist()
        for pair, start, length in zip(*runs, strict=True):
            run = self._row[start : start + length]
            first, last = _trimmed(run, self._bonds[at : at + length + 1])
            word = run[first:last]
            if len(word) >= 2 and word not in WEAK and not word.isnumeric():
                found[pair].setdefault(word, (self._weight(at + first, at + last), start + first))
            at += length + 1
        return [
            [
                reading.as_written(place - reading.start, place - reading.start + len(word))
                for word, place in _most_telling(own)
            ]
            for reading, own in zip(readings, found, strict=True)
        ]

    def _weight(self, first: int, last: int) -> int:
        """Of a word: the sum for all its terms."""
        points, pairs = self._points, self._pairs
        return (points[last] - points[first]) + (pairs[last] - pairs[first + 1])


def _most_telling(found: dict[str, tuple[int, int]]) -> Iterator[tuple[str, int]]:
    """Words with their places, none within another."""
    kept: list[str] = []
    for word in sorted(found, key=lambda each: (-found[each][0], each)):
        if not any(word in longer for longer in kept):
            kept.append(word)
            yield word, found[word][1]
        if len(kept) == SHOWN_WORDS:
            break


def _trimmed(run: str, bonds: list[int]) -> tuple[int, int]:
    """Begin and end of the part of ``run`` that cuts no word; one character when all do.

    ``bonds``: before each character and behind the last, the firmer of both texts.
    """
    first, last = 0, len(run)
    while last - first >= 2 and (
        bonds[first] > bonds[first + 1] or bonds[first] == _FIRM or run[first] in NEVER_FIRST
    ):
        first += 1
    while last - first >= 2 and (
        bonds[last] > bonds[last - 1]
        or bonds[last] == _FIRM
        or (run[last - 1] in NEVER_LAST and bonds[last - 1] != _FIRM)
    ):
        last -= 1
    return first, last
