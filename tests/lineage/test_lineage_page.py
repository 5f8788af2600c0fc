"""The page of a lineage, looked at and used in a real browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.browser import CONTRASTS, Browser, seen
from tests.cli.conftest import Dslineage
from tests.lineage.story import tell
from tests.lineage.world import model, run, train, version, write

pytestmark = seen

BOX = "document.getElementById('picture').getAttribute('viewBox').split(' ').map(Number)"
OPEN = "document.querySelector('#nodes article.open h3').textContent"
SHOWN = "document.querySelectorAll('#picture a.node:not(.away)').length"


@pytest.fixture
def page(git_repo: Path, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(git_repo)
    tell(git_repo)
    assert dslineage("lineage", "train@v2", "--format", "html", "-o", "page.html").code == 0
    return git_repo / "page.html"


def press(chromium: Browser, key: str, text: str = "") -> None:
    for kind in ("keyDown", "keyUp"):
        chromium(
            "Input.dispatchKeyEvent", type=kind, key=key, text=text if kind == "keyDown" else ""
        )


def settle(chromium: Browser) -> None:
    """Wait until the page has heard of what was done last."""
    waited = "new Promise((done) => setTimeout(done, 100))"
    chromium("Runtime.evaluate", expression=waited, awaitPromise=True)


def mouse(chromium: Browser, kind: str, x: float, y: float) -> None:
    chromium("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


def middle(chromium: Browser, selector: str) -> tuple[float, float]:
    box = f"document.querySelector({json.dumps(selector)}).getBoundingClientRect()"
    x, y = chromium.value(
        f"(() => {{ const b = {box}; return [b.x + b.width/2, b.y + b.height/2] }})()"
    )
    return x, y


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_a_page_asks_for_nothing_fits_its_window_and_can_be_read(
    page: Path, chromium: Browser, width: int, dark: bool
) -> None:
    chromium.open(page, width=width, dark=dark)
    assert chromium.requests == [page.as_uri()]
    assert chromium.complaints == []
    assert chromium.value("document.documentElement.scrollWidth") <= width
    contrasts = chromium.value(CONTRASTS)
    assert len(contrasts) > 100
    assert [found for found in contrasts if found[0] < 4.5] == []


def test_no_two_boxes_meet_and_each_edge_goes_down(page: Path, chromium: Browser) -> None:
    chromium.open(page)
    boxes = chromium.value(
        "[...document.querySelectorAll('#picture .box')].map((one) => "
        "['x', 'y', 'width', 'height'].map((name) => Number(one.getAttribute(name))))"
    )
    assert len(boxes) > 10
    for at, (x, y, wide, high) in enumerate(boxes):
        for other_x, other_y, *_ in boxes[:at]:
            assert abs(x - other_x) >= wide or abs(y - other_y) >= high
    ends = chromium.value(
        "[...document.querySelectorAll('#picture .edge')].map((edge) => [edge.dataset.from, "
        "edge.dataset.to].map((id) => document.querySelector(`a[href='#${id}'].node`)"
        ".getBBox().y))"
    )
    assert all(parent < child for parent, child in ends)


def test_a_click_opens_a_node_and_its_links_lead_on(page: Path, chromium: Browser) -> None:
    chromium.open(page)
    assert chromium.value(OPEN).startswith("train@v2")
    x, y = middle(chromium, "#picture a.node.mixture")
    mouse(chromium, "mousePressed", x, y)
    mouse(chromium, "mouseReleased", x, y)
    settle(chromium)
    assert chromium.value(OPEN).startswith("mixture blend")
    assert chromium.value("document.querySelectorAll('#picture .edge.lit').length") == 2
    links = "[...document.querySelectorAll('article.open a')]"
    assert chromium.value(f"{links}.map((one) => one.textContent)") == [
        "train@v2",
        "run tiny",
    ]
    chromium.value(f"{links}[1].click()")
    settle(chromium)
    assert chromium.value(OPEN).startswith("run tiny")
    chromium.value("history.back()")
    settle(chromium)
    assert chromium.value(OPEN).startswith("mixture blend")


def test_the_picture_is_dragged_and_zoomed(page: Path, chromium: Browser) -> None:
    chromium.open(page)
    x, y, wide, high = chromium.value(BOX)
    across, down = middle(chromium, "#stage")
    mouse(chromium, "mousePressed", across, down)
    mouse(chromium, "mouseMoved", across + 60, down + 40)
    mouse(chromium, "mouseReleased", across + 60, down + 40)
    moved_x, moved_y, *size = chromium.value(BOX)
    assert moved_x < x
    assert moved_y < y
    assert size == pytest.approx([wide, high])
    chromium("Input.dispatchMouseEvent", type="mouseWheel", x=across, y=down, deltaX=0, deltaY=-300)
    assert chromium.value(BOX)[2] < wide
    chromium.value("document.getElementById('fit').click()")
    fitted = chromium.value(BOX)
    assert fitted[:2] == [0, 0]
    chromium.value("document.getElementById('in').click()")
    assert chromium.value(BOX)[2] < fitted[2]


def test_what_is_searched_for_stands_out_and_return_opens_it(page: Path, chromium: Browser) -> None:
    chromium.open(page)
    every = chromium.value(SHOWN)
    search = "document.querySelector('#tools input')"
    chromium.value(f"{search}.value = 'LICENCE IS NOT'")
    chromium.value(f"{search}.dispatchEvent(new Event('input', {{bubbles: true}}))")
    assert chromium.value(SHOWN) == 1
    assert chromium.value("document.querySelector('#tools output').value") == f"1 of {every}"
    chromium.value("document.getElementById('tools').requestSubmit()")
    settle(chromium)
    assert chromium.value(OPEN).startswith("source web")


def test_the_keyboard_reaches_every_node_and_moves_the_picture(
    page: Path, chromium: Browser
) -> None:
    chromium.open(page)
    chromium.value("document.getElementById('picture').focus()")
    before = chromium.value(BOX)
    press(chromium, "ArrowDown")
    assert chromium.value(BOX)[1] > before[1]
    press(chromium, "+", "+")
    assert chromium.value(BOX)[2] < before[2]
    seen = set()
    for _ in range(chromium.value(SHOWN)):
        press(chromium, "Tab")
        seen.add(chromium.value("document.activeElement.getAttribute('href')"))
    assert seen == set(
        chromium.value(
            "[...document.querySelectorAll('a.node')].map((n) => n.getAttribute('href'))"
        )
    )
    press(chromium, "Enter", "\r")
    settle(chromium)
    assert chromium.value("'#' + document.activeElement.id") == chromium.value("location.hash")
    tree = chromium("Accessibility.getFullAXTree")["nodes"]
    links = [one["name"]["value"] for one in tree if one.get("role", {}).get("value") == "link"]
    assert "version train@v2, 8,800 examples" in links


def test_without_scripts_the_picture_scrolls_and_all_nodes_are_listed(
    page: Path, chromium: Browser
) -> None:
    chromium("Emulation.setScriptExecutionDisabled", value=True)
    try:
        chromium.open(page)
        articles = "[...document.querySelectorAll('#nodes article')]"
        assert chromium.value(f"{articles}.every((one) => one.checkVisibility())")
        assert not chromium.value("document.getElementById('tools').checkVisibility()")
        assert chromium.value("document.documentElement.scrollWidth") <= 1280
    finally:
        chromium("Emulation.setScriptExecutionDisabled", value=False)


def test_a_page_of_thousands_draws_the_nearest_and_says_so(
    git_repo: Path, chromium: Browser, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(git_repo)
    v1 = version()
    runs = [run(train(v1), name=f"run{number}") for number in range(700)]
    write(git_repo, [v1, *runs, *(model(one, name=one.name) for one in runs)])
    assert dslineage("lineage", "train@v1", "--format", "html", "-o", "big.html").code == 0
    chromium.open(git_repo / "big.html")
    assert chromium.value("document.querySelectorAll('#picture a.node').length") == 300
    assert "1,101 further nodes not drawn" in chromium.value(
        "document.getElementById('beyond').textContent"
    )
    assert chromium.value(OPEN).startswith("train@v1")
    assert (git_repo / "big.html").stat().st_size < 2_000_000
