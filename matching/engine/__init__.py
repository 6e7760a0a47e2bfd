"""The ranking itself: arrays and dataclasses in, ids and scores out; no Django, no database."""
