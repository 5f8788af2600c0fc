"""The frame of a page: its head, and a policy under which a browser loads and runs nothing else."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from dslineage_cli.render.html.element import Content, Markup, code, element, markup


def page(title: str, *content: Content, part: str = "") -> str:
    """A whole page; `part` names a style sheet and a script of its own."""
    style = _resource("page.css") + (_resource(f"{part}.css") if part else "")
    script = _resource(f"{part or 'page'}.js")
    policy = (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        code("style", style),
    )
    body = element("body", _patterns(), element("main", *content), code("script", script))
    return f"<!doctype html>\n{markup(element('html', head, body, lang='en'))}\n"


def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    """What the policy calls a text: its hash (Content Security Policy 3, hash-source)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _patterns() -> Markup:
    """The patterns that charts are filled with, so that they read without colour."""
    lines = {"stripes": "M0 6L6 0", "dots": "M3 3h.01", "band": "M0 0L4 4M0 4L4 0"}
    size = {"stripes": 6, "dots": 6, "band": 4}
    patterns = [
        element(
            "pattern",
            element("rect", width=size[name], height=size[name], class_=f"{name}-ground"),
            element("path", d=path, class_=f"{name}-lines"),
            id=name, width=size[name], height=size[name], patternUnits="userSpaceOnUse",
        )
        for name, path in lines.items()
    ]  # fmt: skip
    defs = element("defs", patterns)
    return element("svg", defs, width=0, height=0, class_="patterns", aria_hidden="true")
