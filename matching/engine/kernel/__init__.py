"""The score of ``scoring`` for many pairs, compiled; equal to it in every point.

What makes a billion pairs a matter of seconds, without leaving out one that could matter:

- Tags, city focus, readiness and scale are worth four times as much as text, and cost little:
  tags are compared once for each run of capabilities with the same tags, and a run none of which
  could pass is passed over whole.
- A pair is worth its text only when its other points, with all that text can give, reach the
  scenario's or the capability's last place so far. Rare and middle terms, most of the score, come
  from postings by block. Frequent ones, most of the work, are bounded by the norms of both sides
  (Cauchy and Schwarz), and multiplied out only for what still passes.
- Thresholds are high from the start: they begin with what the most promising pairs reach without
  text, and a block's scenarios are visited best first.

Numbers are whole, so the order of sums does not matter. A list's entry is one number, the score
above the reversed key: the greater the better, equal scores by ascending key.

Rooms: ``points`` and ``texts`` say what a pair is worth, ``promises`` and ``floors`` what need not
be looked at, ``blocks`` ranks many records, ``single`` one, ``entries`` keeps lists. Only what
stands here is called from outside; numba compiles each function at its first call.
"""

from matching.engine.kernel.arrays import NEVER, Asking, Room, Work
from matching.engine.kernel.blocks import pass_block, rank_block
from matching.engine.kernel.entries import put_in, take_out
from matching.engine.kernel.floors import first_floors, first_own_floors
from matching.engine.kernel.promises import ask, look_at_promises, turn
from matching.engine.kernel.single import points_without_text, score_rows, score_scenarios

__all__ = [
    "NEVER",
    "Asking",
    "Room",
    "Work",
    "ask",
    "first_floors",
    "first_own_floors",
    "look_at_promises",
    "pass_block",
    "points_without_text",
    "put_in",
    "rank_block",
    "score_rows",
    "score_scenarios",
    "take_out",
    "turn",
]
