"""JUnit and annotations: valid for whoever reads them, whatever the data says."""

from __future__ import annotations

import json
import re
from typing import NamedTuple
from xml.etree import ElementTree as ET

from hypothesis import given, settings

from dslineage_cli.render.ci import junit
from dslineage_cli.render.ci.annotations import text as annotated
from dslineage_cli.render.ci.words import clipped, remarks
from dslineage_cli.render.document import document
from dslineage_hooks.review import Review
from tests.ci.reviews import reviews
from tests.cli.results import obeyed

COUNT = re.compile("[0-9]+")


class Element(NamedTuple):
    """What the JUnit schema of Jenkins' xUnit plugin allows of an element."""

    required: set[str]
    optional: set[str]
    children: set[str]


SCHEMA = {
    "testsuites": Element(
        {"name"}, {"tests", "failures", "errors", "disabled", "time"}, {"testsuite"}
    ),
    "testsuite": Element(
        {"name", "tests"},
        {
            "failures",
            "errors",
            "skipped",
            "disabled",
            "time",
            "timestamp",
            "hostname",
            "id",
            "package",
        },
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": Element(
        {"name", "classname"},
        {"time", "status", "assertions", "file", "line"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": Element(set(), {"type", "message"}, set()),
    "error": Element(set(), {"type", "message"}, set()),
    "skipped": Element(set(), {"message"}, set()),
    "system-out": Element(set(), set(), set()),
}
NUMBERS = {"tests", "failures", "errors", "skipped", "disabled"}


def check_valid(element: ET.Element) -> None:
    allowed = SCHEMA[element.tag]
    assert allowed.required <= set(element.attrib) <= allowed.required | allowed.optional
    assert {child.tag for child in element} <= allowed.children
    for name in NUMBERS & set(element.attrib):
        assert COUNT.fullmatch(element.attrib[name])
    for child in element:
        check_valid(child)


@given(reviews())
@settings(max_examples=40)
def test_the_junit_report_fits_the_schema_and_counts_right(review: Review) -> None:
    text = junit.text(review)
    assert not obeyed(text.replace("\n", ""))
    root = ET.fromstring(text.encode())
    assert root.tag == "testsuites"
    check_valid(root)
    for element in (root, *root):
        assert int(element.attrib["tests"]) == len(list(element.iter("testcase"))) > 0
        assert int(element.attrib["failures"]) == len(list(element.iter("failure")))
        assert int(element.attrib["errors"]) == len(list(element.iter("error")))
    broken = [*root.iter("failure"), *root.iter("error")]
    assert bool(broken) == (review.failed or review.undecided)


class Command(NamedTuple):
    """A workflow command as the runner reads it."""

    name: str
    properties: dict[str, str]
    data: str


def parsed(line: str) -> Command:
    """What the runner of GitHub Actions makes of a line (`ActionCommand.TryParseV2`)."""
    assert line.startswith("::")
    head, separator, data = line[2:].partition("::")
    assert separator
    name, _, listed = head.partition(" ")
    pairs = [pair.split("=", 1) for pair in listed.split(",") if "=" in pair]
    return Command(
        name, {key.strip(): _plain(value, ":,") for key, value in pairs}, _plain(data, "")
    )


def _plain(text: str, more: str) -> str:
    for character in f"{more}\r\n":
        text = text.replace(f"%{ord(character):02X}", character)
    return text.replace("%25", "%")


@given(reviews())
@settings(max_examples=50)
def test_an_annotation_is_one_command_that_says_what_was_found(review: Review) -> None:
    text = annotated(review)
    assert not obeyed(text.replace("\n", ""))
    *commands, last = [parsed(line) for line in text.splitlines()]
    found = remarks(review)
    assert len(commands) == len(found)
    for command, remark in zip(commands, found, strict=True):
        assert command.name == remark.level
        assert set(command.properties) == {"file", "title"}
        assert command.properties["file"] == clipped(remark.path, 1_000)
        assert command.properties["title"] == clipped(f"dslineage {remark.kind}", 1_000)
        said = f"{remark.message} ({remark.hint})" if remark.hint else remark.message
        assert command.data == clipped(said, 1_000)
    assert (last.name, last.properties) == ("notice", {"title": "dslineage"})


@given(reviews())
@settings(max_examples=30)
def test_the_json_is_safe_to_print_and_has_a_schema(review: Review) -> None:
    text = document(review)
    assert not obeyed(text.replace("\n", ""))
    assert json.loads(text)["schema"] == "dslineage.ci/1"
