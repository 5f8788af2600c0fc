"""Whatever nodes are called, no format breaks and nothing in a name is obeyed."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import networkx
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dslineage.lineage.node import Edge, Node
from dslineage.lineage.picture import Figure, Picture, Remark
from dslineage.records import Evidence, Gap
from dslineage_cli.page import Page
from dslineage_cli.render import lineage
from dslineage_cli.render.lineage_graphml import safe
from dslineage_cli.sanitise import visible
from tests.cli.browser import Browser, seen

NASTY = (
    '"]; click n0 "javascript:alert(1)',
    "<script>window.hacked = 1</script>",
    "</script></style><img src=x onerror='window.hacked = 2'>",
    'x" onload="window.hacked = 3',
    '\\" ]; node [label=hacked]',
    "a\\",
    "end\nsubgraph hacked\n  n9[x]",
    "%%{init: {'securityLevel': 'loose'}}%%",
    "]]><!ENTITY x 'y'>&amp;&#10;",
    "#quot;#35;",
    "turn \u202e around \u2066",
    "\x1b[31mred\x1b]0;title\x07\x00",
    "\ufffe\uffff\ud800",
    "a\r\nb\u2028c\u0085d",
    "-->|x| n1",
    "=1+1",
)
TEXT = st.sampled_from(NASTY) | st.text(
    st.characters(exclude_categories=()) | st.sampled_from('"\\<>&#;|[](){}%\n\r\x00\u202e'),
    max_size=12,
)
KIND = st.sampled_from(("source", "step", "dataset", "mixture", "run", "model"))


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Nodes in a row of which each rests on an older one, with hostile texts wherever one fits."""
    figures = []
    for at in range(draw(st.integers(1, 4))):
        kind = draw(KIND)
        node = Node(f"{kind}:sha256:{at:064x}", kind, draw(TEXT), draw(TEXT), draw(TEXT),
                    missing=draw(st.booleans()))  # fmt: skip
        facts = {
            name: draw(TEXT)
            for name in ("licence", "uri", "message", "operation", "form", "status", "author")
        }
        figures.append(
            Figure(node, facts, (Remark("claim:x", draw(TEXT), draw(TEXT), draw(TEXT)),),
                   (Gap("licence", draw(TEXT)),))
        )  # fmt: skip
    edges = tuple(
        Edge(one.node.id, other.node.id, "input", Evidence.DECLARED)
        for one, other in zip(figures[1:], figures, strict=False)
    )
    damaged = (draw(TEXT),)
    return Picture("around", (figures[-1].node,), tuple(reversed(figures)), edges, 3, damaged)


def picture(text: str) -> Picture:
    """A picture in which everything is called the same."""
    node = Node("run:sha256:" + 64 * "0", "run", text, text, text)
    facts = {"status": text, "author": text, "message": text}
    remark = Remark("claim:x", text, text, text)
    return Picture("around", (node,), (Figure(node, facts, (remark,), (Gap("x", text),)),), (), 0,
                   (text,))  # fmt: skip


def written(found: Picture, format_: str) -> str:
    made = lineage.picture(found, format_, Page(width=100))
    return made if isinstance(made, str) else made.text()


@given(
    found=pictures(), format_=st.sampled_from(("text", "mermaid", "dot", "graphml", "json", "html"))
)
@settings(max_examples=150)
def test_nothing_that_a_terminal_obeys_comes_out_of_any_format(
    found: Picture, format_: str
) -> None:
    text = written(found, format_)
    assert visible(text, newlines=True) == text
    text.encode()


@given(found=pictures())
@example(found=picture(NASTY[0]))
def test_a_flowchart_has_one_line_for_each_node_and_edge(found: Picture) -> None:
    quoted = r'"(?:[\w .,@/()-]|#\d+;)*"'
    line = re.compile(
        rf"  n\d+(?:\[\({quoted}\)\]|\[\[{quoted}\]\]|\{{\{{{quoted}\}}\}}|\(\[{quoted}\]\)"
        rf"|\[/{quoted}/\]|\[{quoted}\])|  n\d+ -->\|{quoted}\| n\d+"
        r"|  class n\d+(?:,n\d+)* gap|  classDef gap [\w -]+: 4 3|  classDef gap [\w :-]+"
        r"|  %% \d+ [a-z ]+(?:: dslineage verify)?"
    )
    first, *rest = written(found, "mermaid").splitlines()
    assert first == "flowchart LR"
    assert [one for one in rest if not line.fullmatch(one)] == []
    assert sum("-->" in one for one in rest) == len(found.edges)


@given(found=pictures())
@example(found=picture("a\\"))
def test_a_graph_in_dot_has_only_strings_where_names_are(found: Picture) -> None:
    string = r'"(?:[^"\\]|\\\\|\\"|\\n)*"'
    attributes = rf"\[\w+=(?:{string}|\w+)(?:, \w+=(?:{string}|\w+))*\]"
    line = re.compile(rf"  {string}(?: -> {string})? {attributes};|  // \d+ [a-z ]+(?:: [a-z ]+)?")
    lines = written(found, "dot").splitlines()
    assert lines[:3] == ["digraph lineage {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    assert [one for one in lines[3:-1] if not line.fullmatch(one)] == []
    assert lines[-1] == "}"
    assert "&" not in re.sub("&amp;", "", "".join(lines))


@given(found=pictures())
def test_graphml_gives_back_the_names_that_went_in(found: Picture) -> None:
    graph = networkx.parse_graphml(written(found, "graphml"), force_multigraph=True)
    assert set(graph) == {figure.node.id for figure in found.figures}
    for figure in found.figures:
        assert graph.nodes[figure.node.id].get("ref", "") == safe(figure.node.ref)
        assert graph.nodes[figure.node.id].get("licence", "") == safe(figure.facts["licence"])
    assert graph.number_of_edges() == len(found.edges)


@given(found=pictures())
def test_the_document_gives_back_every_text_as_it_is(found: Picture) -> None:
    assert json.loads(written(found, "json")) == found.to_dict()


class Tags(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}


@given(found=pictures())
def test_a_page_has_no_element_and_no_attribute_that_a_name_brought(found: Picture) -> None:
    page = Tags(written(found, "html"))
    plain = Tags(written(picture("plain"), "html"))
    assert set(page.tags) <= {*plain.tags, "path", "li", "ul", "h4"}
    assert page.names <= {*plain.names, "d", "data-from", "data-to", "href"}
    assert page.tags.count("script") == page.tags.count("style") == 1
    assert page.tags.count("article") == len(found.figures)


@seen
def test_a_browser_runs_and_fetches_nothing_of_what_names_say(
    tmp_path: Path, chromium: Browser
) -> None:
    path = tmp_path / "page.html"
    path.write_text(written(picture(" ".join(NASTY)), "html"), encoding="utf-8")
    chromium.open(path)
    assert chromium.value("window.hacked") is None
    assert (chromium.requests, chromium.complaints) == ([path.as_uri()], [])
