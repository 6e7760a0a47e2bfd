"""The words that a person would name of what two texts have in common.

No dictionary tells where a Chinese word ends. What does: signs, another writing, figures, the
closed lists below, and how many of the ranked texts have two characters together. A shared run is
shown as far as neither text holds together more firmly across its end than the run does within.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from matching.engine.runs import Runs
from matching.engine.text import Floats, Ints, Text, TextModel, codes, fold

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
_COUNT = r"[一二两三四五六七八九十百千万亿零几半\d]"
# A letter or figure of any writing that sets off its words, as Chinese does not.
_LETTER = r"[^\W_\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_PIECES = re.compile(
    f"(?P<whole>{'|'.join(WHOLE)})|"
    f"(?P<blank>{'|'.join(FILLERS)}|"
    f"第?{_COUNT}{{1,9}} ?(?:{_LONG_MEASURES}|{_MEASURES})(?!{_LETTER})|{_LONG_MEASURES}|"
    rf"(?<!{_LETTER})\d* ?(?:{_UNITS})(?!{_LETTER})|(?<!{_LETTER})\d+(?!{_LETTER})|[{FUNCTION}])|"
    f"(?P<token>{_LETTER}+)"
)
_FIRM = 1 << 40  # above any count of texts


@dataclass(frozen=True)
class _Reading:
    """A text as written, and folded with spaces for what is no part of a word.

    ``places``: where in ``written`` the sign of each folded character stands; ``firm``: whether
    a folded character is inside a word, after the first.
    """

    written: str
    folded: str
    places: list[int]
    firm: list[bool]

    def as_written(self, start: int, end: int) -> str:
        """The signs of a run; the folded run where one sign holds more than that."""
        signs = self.written[self.places[start] : self.places[end - 1] + 1]
        run = self.folded[start:end]
        return signs if fold(signs) == run else run


def shared_words(scenario: Text, capability: Text, model: TextModel) -> list[str]:
    """Words of both texts as the capability writes them, the most telling first.

    Near linear in both texts: anybody may ask for fifty long ones at once (THREATS A16).
    """
    runs, own = _asked(scenario, model)
    offered = _read(capability)
    other = _bonds(offered, model)
    found: dict[str, tuple[int, int]] = {}
    for start, place, length in zip(
        *(each.tolist() for each in runs.shared_with(offered.folded)), strict=True
    ):
        end = start + min(length, LONGEST_WORD)
        bonds = [
            max(pair)
            for pair in zip(
                other[start : end + 1], own[place : place + end - start + 1], strict=True
            )
        ]
        first, last = _trimmed(offered.folded[start:end], bonds)
        word = offered.folded[start + first : start + last]
        if len(word) >= 2 and word not in WEAK and not word.isnumeric():
            found.setdefault(word, (start + first, last - first))
    places = np.array(list(found.values()), dtype=np.int64).reshape(-1, 2)
    weights = _weights(offered.folded, places[:, 0], places[:, 1], model)
    ranked = sorted(zip((-weights).tolist(), found, strict=True))
    kept: list[str] = []
    for _, word in ranked:
        if not any(word in longer for longer in kept):
            kept.append(word)
        if len(kept) == SHOWN_WORDS:
            break
    return [
        offered.as_written(start, start + length)
        for start, length in (found[word] for word in kept)
    ]


@lru_cache(maxsize=2)  # one scenario's list is told pair by pair
def _asked(text: Text, model: TextModel) -> tuple[Runs, list[int]]:
    reading = _read(text)
    return Runs(reading.folded), _bonds(reading, model)


def _read(text: Text) -> _Reading:
    written = " ".join(text)[:READ_CHARACTERS]
    folded = fold(written)[:READ_CHARACTERS]
    widths = {sign: len(fold(sign)) for sign in set(written)}
    places = [place for place, sign in enumerate(written) for _ in range(widths[sign])]
    # Signs that fold together, not each for itself, move all places: ``as_written`` sees to it.
    places += [len(written) - 1] * (len(folded) - len(places))
    pieces, firm = list(folded), [False] * (len(folded) + 1)
    for found in _PIECES.finditer(folded):
        start, end = found.span()
        if found["blank"]:
            pieces[start:end] = " " * (end - start)
        else:
            firm[start + 1 : end] = [True] * (end - start - 1)
    return _Reading(written, "".join(pieces), places, firm)


def _bonds(reading: _Reading, model: TextModel) -> list[int]:
    """How firmly each character holds to the one before: how many texts have the two together,
    more than all inside a word, 0 at spaces and at both ends of the text.
    """
    points, pairs = codes(reading.folded)
    letters = points != ord(" ")
    bonds = np.zeros(len(points) + 1, dtype=np.int64)
    bonds[1:-1] = np.where(letters[:-1] & letters[1:], model.spread(pairs), 0)
    bonds[np.array(reading.firm)] = _FIRM
    return bonds.tolist()


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


def _weights(text: str, starts: Ints, lengths: Ints, model: TextModel) -> Floats:
    """The sum of ``model.idf(terms(run))`` for each run of a folded text."""
    single, pairs = (model.idf(each) for each in codes(text))
    weights = np.zeros(len(starts))
    for length in np.unique(lengths):
        alike = lengths == length
        places = starts[alike][:, None] + np.arange(length)
        every = np.concatenate([single[places], pairs[places[:, :-1]]], axis=1)
        weights[alike] = every.sum(axis=1)
    return weights
