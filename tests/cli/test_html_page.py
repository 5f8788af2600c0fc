"""The page of a diff, looked at in a real browser.

The browser is Debian's `chromium`; where there is none, what it would see is not tested.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.browser import CONTRASTS, Browser, seen
from tests.cli.conftest import Dslineage

HOSTILE = (
    "<script>window.hacked = 1</script>",
    "</script><script>window.hacked = 2</script>",
    "<img src='https://example.org/x.png' onerror='window.hacked = 3'>",
    '"><svg onload="window.hacked = 4">',
    "</style><style>* { display: none }</style>",
    "<link rel=stylesheet href=https://example.org/x.css><base href=https://example.org>",
    "javascript:window.hacked = 5",
    "turn \u202e around \u2066 here",
    "\x1b[31m red \x00",
    "Z̷" + "\u0337" * 500,
    "m" * 5_000,
    "&lt;b&gt; &amp;",
)


def chat(prompt: str, answer: str, **fields: Any) -> dict[str, Any]:
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    return {"messages": turns, **fields}


def write(path: Path, examples: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in examples))
    return path


@pytest.fixture
def page(support: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page of the demo's last diff, all of its examples on it."""
    monkeypatch.chdir(support)
    ran = dslineage("diff", "v3", "v4", "--rows", "--format", "html", "-o", "page.html")
    assert (ran.code, ran.out, ran.err) == (0, "", "wrote page.html\n")
    return support / "page.html"


@pytest.fixture
def hostile(tmp_path: Path, dslineage: Dslineage) -> Path:
    """A page of data that would like to be more than text."""
    before = [
        chat(f"What is {text}?", f"It is {n}.", id=f"<{n}>") for n, text in enumerate(HOSTILE)
    ]
    after = [
        chat(f"What is {text}?", f"I'm sorry, but I cannot help with {text}", id=f"<{n}>")
        | {text: text}
        for n, text in enumerate(HOSTILE)
    ]
    after += [chat(text, text, id=text) for text in HOSTILE]
    sides = write(tmp_path / "<b>.jsonl", before), write(tmp_path / "<i>.jsonl", after)
    page = tmp_path / "page.html"
    assert dslineage("diff", *sides, "--rows", "--format", "html", "-o", page).code == 0
    return page


@seen
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_a_page_asks_for_nothing_fits_its_window_and_can_be_read(
    page: Path, chromium: Browser, width: int, dark: bool
) -> None:
    chromium.open(page, width=width, dark=dark)
    assert chromium.requests == [page.as_uri()]
    assert chromium.complaints == []
    assert chromium.value("matchMedia('(prefers-color-scheme: dark)').matches") is dark
    assert chromium.value("document.documentElement.scrollWidth") <= width
    chromium.value("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    contrasts = chromium.value(CONTRASTS)
    assert len(contrasts) > 200
    assert [found for found in contrasts if found[0] < 4.5] == []


@seen
def test_what_data_says_is_text_on_the_page_and_nothing_else(
    hostile: Path, chromium: Browser
) -> None:
    for width in (400, 1280):
        chromium.open(hostile, width=width)
        assert chromium.requests == [hostile.as_uri()]
        assert chromium.complaints == []
        assert chromium.value("window.hacked") is None
        assert chromium.value("document.documentElement.scrollWidth") <= width
    strangers = "document.querySelectorAll('img, link, base, iframe, [onload], [onerror]').length"
    assert chromium.value(strangers) == 0
    assert chromium.value("document.scripts.length") == 1
    assert chromium.value("document.querySelectorAll('style').length") == 1
    text = chromium.value("document.body.textContent")
    for said in ("<script>window.hacked = 1</script>", r"turn \u202e around", "␛[31m", "&lt;b&gt;"):
        assert said in text
    assert not set(text) & set("\u202e\u2066\x1b\0")


@seen
def test_examples_are_chosen_by_change_by_kind_and_by_their_text(
    page: Path, chromium: Browser
) -> None:
    chromium.open(page)
    shown = (
        "[...document.querySelectorAll('#examples .example')].filter((e) => e.checkVisibility())"
    )
    every = chromium.value(f"{shown}.length")
    click = "document.querySelector('#filter input[value={}]').click()"
    chromium.value(click.format("added"))
    assert chromium.value(f"[...new Set({shown}.map((e) => e.dataset.tags.split(' ')[0]))]") == [
        "edited",
        "removed",
    ]
    chromium.value(click.format("response"))
    assert chromium.value(f"{shown}.every((e) => e.dataset.tags === 'removed')")
    chromium.value(click.format("added"))
    chromium.value(click.format("response"))
    assert chromium.value(f"{shown}.length") == every
    search = "document.querySelector('#filter input[type=search]')"
    chromium.value(f"{search}.value = '24 HOURS'")
    chromium.value(f"{search}.dispatchEvent(new Event('input', {{bubbles: true}}))")
    found = chromium.value(f"{shown}.length")
    assert 0 < found < every
    assert chromium.value("document.querySelector('#filter output').value").startswith(
        f"{found} of"
    )


@seen
def test_without_scripts_all_examples_are_there_and_nothing_that_would_not_work(
    page: Path, chromium: Browser
) -> None:
    chromium("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(page)
        cards = "[...document.querySelectorAll('#examples .example')]"
        assert chromium.value(f"{cards}.every((card) => card.checkVisibility())")
        assert not chromium.value("document.getElementById('filter').checkVisibility()")
    finally:
        chromium("Emulation.setScriptExecutionDisabled", value=False)


@seen
def test_on_paper_the_tables_are_open_and_the_filter_is_away(page: Path, chromium: Browser) -> None:
    chromium.open(page)
    tall = "document.querySelector('details').getBoundingClientRect().height"
    closed = chromium.value(tall)
    chromium("Emulation.setEmulatedMedia", media="print")
    try:
        assert chromium.value(tall) > 3 * closed
        assert not chromium.value("document.getElementById('filter').checkVisibility()")
    finally:
        chromium("Emulation.setEmulatedMedia", media="")


@seen
def test_charts_say_in_words_what_they_show(page: Path, chromium: Browser) -> None:
    chromium.open(page)
    tree = chromium("Accessibility.getFullAXTree")["nodes"]
    charts = [node for node in tree if node.get("role", {}).get("value") in ("img", "image")]
    assert len(charts) > 5
    assert all(node["name"]["value"] and node["description"]["value"] for node in charts)
    assert any("added 78" in node["description"]["value"] for node in charts)
    ids = chromium.value("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    marks = "getComputedStyle(document.querySelector('{}'), '::before').content"
    assert json.loads(chromium.value(marks.format("ins"))) == "{+"
    assert json.loads(chromium.value(marks.format("del"))) == "[-"


def test_the_policy_of_a_page_allows_its_own_code_and_nothing_else(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    rules = dict(rule.split(" ", 1) for rule in policy.replace("&#x27;", "'").split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for name in ("style", "script"):
        (own,) = re.findall(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert rules[f"{name}-src"] == f"'sha256-{digest}'"
    assert "http://" not in text
    assert "https://" not in text


def test_behind_each_metric_that_moved_there_is_an_example_with_its_reason_marked_once(
    support: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(support)
    every = dslineage("diff", "v3", "v4", "--format", "html").out
    assert every.count("<h4>Behind it: 1 of ") == 4
    asked = dslineage(
        "diff", "v3", "v4", "--why", "refusal", "--limit", "6", "--format", "html"
    ).out
    marks = re.findall("<mark>(.*?)</mark>", asked)
    assert len(marks) == 6
    assert "sorry, but I can&#x27;t help with" in marks


def test_of_a_category_the_page_draws_the_shares(tmp_path: Path, dslineage: Dslineage) -> None:
    latin = [chat(f"What is {n}?", f"It is the number {n}.") for n in range(40)]
    greek = [chat(f"Τι είναι το {n};", f"Είναι ο αριθμός {n}.") for n in range(40)]
    sides = write(tmp_path / "a.jsonl", latin), write(tmp_path / "b.jsonl", greek)
    text = dslineage("diff", *sides, "--metric", "script_mix", "--format", "html").out
    assert "Greek 0.00% to 100.00%; Latin 100.00% to 0.00%" in text
    assert "n/a" not in text


def test_a_page_is_the_same_each_time_and_stdout_is_as_good_as_a_file(
    page: Path, dslineage: Dslineage
) -> None:
    ran = dslineage("diff", "v3", "v4", "--rows", "--format", "html")
    assert ran.out == page.read_text(encoding="utf-8")


def test_a_page_that_is_there_is_replaced_only_where_that_was_said(
    page: Path, dslineage: Dslineage
) -> None:
    ran = dslineage("diff", "v1", "v2", "--format", "html", "-o", page)
    assert ran.code == 2
    assert "--force" in ran.err
    assert dslineage("diff", "v1", "v2", "--format", "html", "-o", page, "--force").code == 0
    assert "support v1 → v2" in page.read_text(encoding="utf-8")


def test_a_page_stays_small_however_much_changed(tmp_path: Path, dslineage: Dslineage) -> None:
    long = "word " * 20_000
    sides = [
        write(tmp_path / f"{side}.jsonl", [chat(f"{side} {n}", long) for n in range(400)])
        for side in ("a", "b")
    ]
    page = tmp_path / "page.html"
    assert (
        dslineage("diff", *sides, "--rows", "--no-metrics", "--format", "html", "-o", page).code
        == 0
    )
    assert "A page holds 300 examples" in page.read_text(encoding="utf-8")
    assert page.stat().st_size < 2_000_000
