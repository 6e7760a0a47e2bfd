"""The ranking itself: arrays and dataclasses in, ids and scores out; no Django, no database.

What it costs
-------------
Measured by ``manage.py benchmark_matching`` on two cores of an EPYC 9004, 10,000 scenarios by
100,000 capabilities, all 10⁹ pairs, the best 64 of both directions: about 10 s in one process,
5.7 s in two, 0.6 GB at most; the snapshot on disk 245 MB, laid out in 19 s. A quarter of the pairs
takes 0.39 of the time, twice the pairs 1.65 times: time grows like pairs to the power 0.7, since
thresholds rise with what there is to choose from.

Unigrams beside bigrams cost a quarter more time (8.0 s with bigrams alone, same machine, same
hour), though they are most of what a pair has in common: 35 of 41 terms. For the terms that a tenth
of all capabilities have, five of six of them single characters, no sum is made for most pairs:
their norms bound what they can add, and they are multiplied out, from a dense table of 448 columns,
only for pairs that may still pass. The power 1.5 on idf makes that bound low.

A nation: 100,000 scenarios by 1,000,000 capabilities
-----------------------------------------------------
Calculated from the figures above, not measured.

- Snapshot: 2.0 kB a capability (1.2 in rows, 0.75 in postings), 3.5 kB a scenario, 20 to 40 MB of
  vocabulary: 2.4 GB, mapped once a host.
- Time of 10¹¹ pairs: between 250 s (the power 0.7) and 1,000 s (in proportion) of one core. Parts
  are ranges of blocks and need nothing of each other; two took 0.55 of the time of one. Sixteen
  processes on four hosts: 20 to 80 s.
- Sharding: a host has all scenarios (0.35 GB) and its own blocks (0.5 GB, of four). Blocks are
  spread (``index.spread_out``), so every host finds good candidates for every scenario. Floors are
  shared within a host; between hosts they would save time and change no result.
- Memory of a process beside the mapped snapshot: lists of all scenarios, 51 MB, of its
  capabilities, 32 MB, and promises, 2 bytes by kind of scenario and run of its blocks: 0.25 GB for
  16,384 scenarios. ``Asking.room`` now makes them as wide as all runs; at this size they should be
  as wide as the part's.
- Merging: 51 MB of scenarios' lists from each part, 0.8 GB for sixteen, by ranges of scenarios.
  Lists in the database: 1.1 million rows, 0.5 GB; at 90 µs a row about 100 s in one stream.
- Reading and tokenising is what takes longest, some eight minutes in one process. It goes by ranges
  of records once the term statistics are known, which are sums over those ranges.
- One changed record is scored against ten times as many, 40 to 90 ms in one process, a quarter
  on each of four hosts; ``book`` holds 0.56 GB of lists, by ranges of blocks as well.
"""
