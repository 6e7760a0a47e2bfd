"""What a browser without JavaScript would send back of a page as it stands."""

from __future__ import annotations

from html.parser import HTMLParser

UNSENT = {"submit", "button", "reset", "image", "file"}


class _Controls(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.inside = 0
        self.templates = 0
        self.area: str | None = None
        self.select: tuple[str, list[str], str | None] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.inside += "form-sheet" in (given.get("class") or "").split()
        elif tag == "template":
            self.templates += 1
        if not self.inside or self.templates:
            return
        if tag == "input" and name and given.get("type") not in UNSENT:
            if given.get("type") in {"checkbox", "radio"}:
                if "checked" not in given:
                    return
                value = value or "on"
            self.sent.setdefault(name, []).append(value)
        elif tag == "textarea":
            self.area = name
            self.sent.setdefault(name, []).append("")
        elif tag == "select":
            self.select = (name, [], None)
        elif tag == "option" and self.select:
            name, chosen, first = self.select
            if "selected" in given:
                chosen.append(value)
            self.select = (name, chosen, value if first is None else first)

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.sent[self.area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = 0
        elif tag == "template":
            self.templates -= 1
        elif tag == "textarea" and self.area is not None:
            # The first newline after the tag is the page's, not the person's.
            self.sent[self.area][-1] = self.sent[self.area][-1].removeprefix("\n")
            self.area = None
        elif tag == "select" and self.select:
            name, chosen, first = self.select
            self.sent.setdefault(name, []).extend(chosen or [first or ""])
            self.select = None


def typed(html: str) -> dict[str, list[str]]:
    """Every control of the page's main form with the values it holds."""
    controls = _Controls()
    controls.feed(html)
    return controls.sent
