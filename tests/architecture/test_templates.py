"""What templates must not forget."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

FOLDER: Path = settings.ROOT / "templates"
INCLUDE = re.compile(r'{% include "([^"]+)" ([^%]*)only %}')


def test_forms_in_isolated_components_are_given_their_token() -> None:
    """``only`` hides csrf_token too: the form would render without it, and no POST would pass."""
    with_form = {
        str(path.relative_to(FOLDER))
        for path in FOLDER.rglob("*.html")
        if "{% csrf_token %}" in path.read_text(encoding="utf-8")
    }
    includes = [
        (path.name, name, given)
        for path in FOLDER.rglob("*.html")
        for name, given in INCLUDE.findall(path.read_text(encoding="utf-8"))
        if name in with_form
    ]

    assert includes
    assert [each for each in includes if "csrf_token=csrf_token" not in each[2]] == []


def test_every_post_form_has_a_token() -> None:
    forms = [
        (path.name, form)
        for path in FOLDER.rglob("*.html")
        for form in re.findall(
            r'<form[^>]*method="post"[^>]*>.*?</form>', path.read_text(encoding="utf-8"), re.DOTALL
        )
    ]
    bearing = ("{% csrf_token %}", "components/form_start.html")

    assert forms
    assert [name for name, form in forms if not any(each in form for each in bearing)] == []
