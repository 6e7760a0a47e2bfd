"""Names that look alike: one skeleton for all that a hurried reader takes for the same.

A skeleton is for reviewers, who are shown other organizations that share it; it forbids nothing.
"""

from __future__ import annotations

import unicodedata

# Each line holds characters that look alike; all of them count as the first.
_ALIKE = (
    "aаα",
    "bвβ",
    "cсϲ",
    "eеε",
    "hнη",
    "jјϳ",
    "kкκ",
    "lіι1iıӏ|",
    "mм",
    "nпո",
    "oоο0〇",
    "pрρ",
    "sѕ",
    "tтτ",
    "uυս",
    "vν",
    "wѡω",
    "xхχ",
    "yуγ",
    "zζ",
    "未末",
    "已己巳",
    "日曰",
    "土士",
    "干千于",
    "人入",
    "戊戌戍",
    "天夭",
    "刀刁",
    "鸟乌",
    "候侯",
    "治冶",
    "拔拨",
    "酒洒",
    "睛晴",
    "梁粱",
    "灸炙",
    "赢嬴羸",
    "析折",
    "博搏",
    "祥样",
    "二ニ",
    "工エ",
    "力カ",
    "口ロ囗",
    "卜ト",
    "一ー—",
    # As written in Hong Kong and Macau.
    "国國",
    "广廣",
    "东東",
    "华華",
    "电電",
    "业業",
    "产產",
    "体體",
    "龙龍",
    "马馬",
    "门門",
    "车車",
    "云雲",
    "开開",
    "发發",
    "学學",
    "医醫",
    "药藥",
    "机機",
    "网網",
    "数數",
    "术術",
    "创創",
    "团團",
    "气氣",
    "岛島",
    "湾灣",
    "联聯",
    "达達",
    "实實",
    "启啟",
    "团團",
)
_FOLD = str.maketrans({each: group[0] for group in _ALIKE for each in group[1:]})
# Where companies say what they are by law; the longest first.
_LEGAL = (
    "股份有限责任公司",
    "有限责任公司",
    "股份有限公司",
    "有限公司",
    "股份公司",
    "companylimited",
    "corporation",
    "incorporated",
    "limited",
    "coltd",
    "corp",
    "ltd",
    "inc",
    "集团",
    "公司",
)


def skeleton(name: str) -> str:
    """``name`` without case, width, blanks, punctuation, legal form, 省 and 市, look-alikes merged.

    A name that is nothing else keeps its letters, so that no two such names seem equal.
    """
    folded = _fold(name)
    bare = folded.replace("省", "").replace("市", "")
    for form in _FORMS:
        bare = bare.replace(form, "") if _is_chinese(form) else bare.removesuffix(form)
    return bare or folded


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_FOLD)
    return "".join(character for character in plain if character.isalnum())


def _is_chinese(text: str) -> bool:
    return "\u4e00" <= text[0] <= "\u9fff"


_FORMS = tuple(_fold(form) for form in _LEGAL)
