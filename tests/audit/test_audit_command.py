"""`dslineage audit` as a command: text, Markdown, JSON, one page, and exit codes."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from dslineage.records import (
    Base,
    Component,
    Consumed,
    License,
    MixtureRecord,
    Prepared,
)
from tests.cli.browser import CONTRASTS, Browser, seen
from tests.cli.conftest import Dslineage
from tests.lineage.world import (
    claim,
    digest,
    model,
    run,
    source,
    start_clock,
    step,
    train,
    version,
    when,
    write,
)

HOSTILE = "<script>window.hacked = 1</script>\x1b[31m\u202e"


def tell(root: Path, *, message: str = "each once", licence: str = "MIT") -> None:
    """A model of a mixture of two versions, on a base model that nobody knows."""
    start_clock()
    web = source("web", license=License(licence, "2026-01-01"), category="crawled")
    raw = version("raw", made_by=web, examples=12)
    dedupe = step(raw, message=message, dropped={"exact": 2})
    clean = version("clean", made_by=dedupe, message=message)
    synth = source("synth", category="synthetic", generator="org/teacher", license=License("CC0"))
    extra = version("extra", made_by=synth)
    parts = (Component(clean.id, 10, weight=0.9), Component(extra.id, 10, weight=0.1, cap=5))
    mix = MixtureRecord("mix", parts, 7, "mix.toml", digest("mix"), message, **when())
    seen_ = Prepared(rows=15, kept=14, masked=1, truncated=2, max_length=64)
    training = run(
        train(mix, prepared=seen_, epochs=2.0), base=Base("org/base", revision="v2"),
        steps=40, epochs=2.0, seed=0,
    )  # fmt: skip
    tiny = model(training, consumed=Consumed("upper-bound", 2.0, 40), weights="w")
    scored = claim(tiny, "evaluation", of="tiny", evaluation="exam", score=0.5)
    gone = claim(clean, "takedown", of="clean", what=message)
    write(
        root,
        [web, raw, dedupe, clean, synth, extra, mix, training, tiny, scored, gone],
    )


@pytest.fixture
def told(git_repo: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tell(git_repo)
    monkeypatch.chdir(git_repo)
    return git_repo


def plain(text: str) -> str:
    """The text without ids and hashes, which depend on each byte of a record."""
    return re.sub(r" ?\([0-9a-f]{8}\)|(?<=sha256:)[0-9a-f]{64}|\b[0-9a-f]{64}\S*", "", text)


def test_the_text_begins_with_the_answer_and_what_is_not_known(
    told: Path, dslineage: Dslineage
) -> None:
    ran = dslineage("audit", "tiny@final")
    assert ran.code == 0
    assert plain(ran.out) == snapshot("""\
tiny@final  checkpoint
  files sha256:, 1 of them
  tensors sha256:

2 versions in 1 training trained it; the least known of that is recorded: by content hash.
1 thing is not known.
1 claim is still to be decided about.

What is not known
  run:tiny  base-model: on what data the base model org/base was trained is not known
  checked: what 9 records say that they lack
  not checked: what nobody recorded, and no record says is lacking

What it started from
  org/base  run:tiny started from it
    revision v2
    nothing more of it is recorded
    captured (seen in the process that did it)
  checked: the models that each recorded training names as its start
  not checked: on what data org/base was trained: nothing of it is recorded

Which data trained it
  run:tiny  its own training, finished, 40 steps, 2 epochs, seed 0
    it saw no other rows, and perhaps not all of these: not all of the data was used for certain
    captured (seen in the process that did it)
    clean@v1  train, 10 examples, 2 epochs, in mixture:mix with weight 0.9
      prepared, all of mixture:mix: 15 rows, 14 kept, 1 dropped without a token to learn, 2 cut
      the trainer dropped 1 of 15 rows
      the trainer cut 2 of 15 rows at 64 tokens
      the mixture drew examples by weight
      recorded (by content hash; weakest: mixture:mix → clean@v1)
    extra@v1  train, 10 examples, 2 epochs, in mixture:mix with weight 0.1 at most 5
      prepared, all of mixture:mix: 15 rows, 14 kept, 1 dropped without a token to learn, 2 cut
      the trainer dropped 1 of 15 rows
      the trainer cut 2 of 15 rows at 64 tokens
      the mixture took at most 5 of 10 examples
      the mixture drew examples by weight
      recorded (by content hash; weakest: mixture:mix → extra@v1)
  checked: the records of 1 training, as far back as any is recorded
  not checked: whether a trainer used what it was given: a record shows that nothing was changed
    afterwards, and no more

How the data was made
  dedupe  made clean@v1; 12 in, 10 out
    each once
    dropped: 2 exact
    recorded (by content hash; weakest: mixture:mix → clean@v1)
  checked: the records of 3 versions and 1 step
  not checked: whether a step does what its name says

Where the data came from
  synth  https://example.org/synth
    licence: CC0, of no known day
    category: synthetic
    consent: not recorded
    acquired: not recorded
    personal data: not said
    written by the model org/teacher
    declared (somebody said so; weakest: what source:synth says of itself)
  web  https://example.org/web
    licence: MIT, as of 2026-01-01
    category: crawled
    consent: not recorded
    acquired: not recorded
    personal data: not said
    declared (somebody said so; weakest: what source:web says of itself)
  checked: the records of 2 sources that the data leads back to
  not checked: whether a licence or a consent is what its source's record says: somebody wrote it

What was measured of the data
  clean@v1  nothing was measured
    dslineage metrics run clean@v1
  extra@v1  nothing was measured
    dslineage metrics run extra@v1
  checked: the measurements of 0 versions
  not checked: clean@v1, extra@v1: nothing was measured
  not checked: anything that is no metric of their profiles

What evaluation sets share with the data
  Nothing was compared.
  checked: 0 pairs of an evaluation set and a version, by their digests
  not checked: no evaluation set is recorded with a training, or named in dslineage.toml
  not checked: near copies and paraphrases; runs of words only where contam[…] was measured

What was claimed
  takedown  about clean@v1; open; what each once
    Ada Curator <ada@example.org>, 2026-01-02
  evaluation  about tiny@final; evaluation exam, score 0.5
    Ada Curator <ada@example.org>, 2026-01-02
  checked: the claims about 10 records in this work tree
  not checked: whether anybody has objected elsewhere: only what was recorded here is known

What was hashed again just now
  Nothing: --verify hashes records, rows and, with --model-dir, the checkpoint.
""")


def test_markdown_holds_every_line_with_the_id_of_its_record(
    told: Path, dslineage: Dslineage
) -> None:
    text = dslineage("audit", "tiny", "--format", "markdown").out
    document = dslineage("audit", "tiny", "--json").json
    for line in (*document["training"]["lines"], *document["steps"]["lines"]):
        assert line["id"] in text
    assert text.startswith("# Audit of tiny")
    assert text.count("Not checked: ") >= 7


def test_the_json_names_every_section_with_what_was_not_checked(
    told: Path, dslineage: Dslineage
) -> None:
    document = dslineage("audit", "tiny", "--format", "json").json
    assert document["schema"] == "dslineage.audit/1"
    sections = ("gaps", "base_models", "training", "steps", "sources", "quality",
                "evaluation_sets", "claims")  # fmt: skip
    assert all(set(document[name]) == {"lines", "checked", "not_checked"} for name in sections)
    assert document["training_data_evidence"]["evidence"] == "recorded"
    assert document["verification"] is None
    assert document == dslineage("audit", "tiny", "--json").json


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--require", "declared"], 1),
        (["--require", "declared", "--accept", "base-model"], 1),
        (["--require", "captured", "--accept", "nonsense"], 2),
        (["--accept", "base-model"], 2),
        (["--require", "verified"], 2),
        (["--json", "--format", "html"], 2),
        (["--model-dir", "nowhere", "--verify"], 6),
    ],
)
def test_exit_codes(told: Path, dslineage: Dslineage, words: list[str], code: int) -> None:
    assert dslineage("audit", "tiny", *words).code == code


def test_evidence_that_is_missing_is_undecided_and_not_failed(
    told: Path, dslineage: Dslineage
) -> None:
    (gone,) = (told / ".dslineage" / "records" / "claim" / "clean").glob("takedown-*")
    gone.unlink()
    ran = dslineage("audit", "tiny", "--require", "captured")
    assert ran.code == 10
    assert "It cannot be decided" in ran.out
    assert "on what data the base model org/base was trained is not known" in ran.out
    assert "clean@v1 in run:tiny is recorded (mixture:mix → clean@v1)" in " ".join(ran.out.split())
    accepted = ("--require", "recorded", "--accept", "base-model")
    assert dslineage("audit", "tiny", *accepted).code == 0


def test_what_is_not_as_recorded_is_an_integrity_failure(told: Path, dslineage: Dslineage) -> None:
    (path,) = (told / ".dslineage" / "records" / "step" / "train").glob("*.json")
    path.write_text(path.read_text().replace("each once", "nothing"))
    ran = dslineage("audit", "tiny", "--verify", "--json")
    assert ran.code == 4
    names = [finding["name"] for finding in ran.json["findings"]]
    assert path.relative_to(told).as_posix() in names


@pytest.fixture
def page(told: Path, dslineage: Dslineage) -> Path:
    ran = dslineage("audit", "tiny", "--format", "html", "-o", "audit.html")
    assert (ran.code, ran.out, ran.err) == (0, "", "wrote audit.html\n")
    assert dslineage("audit", "tiny", "--format", "html", "-o", "audit.html").code == 2
    return told / "audit.html"


@seen
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_asks_for_nothing_fits_its_window_and_can_be_read(
    page: Path, chromium: Browser, width: int, dark: bool
) -> None:
    chromium.open(page, width=width, dark=dark)
    assert [found for found in chromium.value(CONTRASTS) if found[0] < 4.5] == []
    assert chromium.requests == [page.as_uri()]
    assert chromium.complaints == []
    assert chromium.value("document.documentElement.scrollWidth") <= width
    titles = chromium.value("[...document.querySelectorAll('h2')].map((one) => one.textContent)")
    assert titles[0] == "What is not known"
    assert "Which data trained it" in titles


@seen
def test_what_records_say_is_text_on_the_page_and_nothing_else(
    git_repo: Path, chromium: Browser, dslineage: Dslineage, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(git_repo, message=HOSTILE, licence=HOSTILE)
    monkeypatch.chdir(git_repo)
    assert dslineage("audit", "tiny", "--format", "html", "-o", "audit.html").code == 0
    chromium.open(git_repo / "audit.html")
    assert chromium.value("window.hacked") is None
    text = chromium.value("document.body.textContent")
    assert "<script>window.hacked = 1</script>␛[31m\\u202e" in text
    for format_ in ("text", "markdown"):
        assert "\x1b" not in dslineage("audit", "tiny", "--format", format_).out


def test_the_policy_of_the_page_allows_its_own_code_and_nothing_else(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    rules = dict(rule.split(" ", 1) for rule in policy.replace("&#x27;", "'").split("; "))
    assert rules["default-src"] == "'none'"
    for name in ("style", "script"):
        (own,) = re.findall(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
        hashed = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert rules[f"{name}-src"] == f"'sha256-{hashed}'"


def test_every_line_of_the_page_names_the_record_that_it_comes_from(
    page: Path, dslineage: Dslineage
) -> None:
    text = page.read_text(encoding="utf-8")
    document = dslineage("audit", "tiny", "--json").json
    for name in ("gaps", "training", "steps", "sources"):
        assert all(line["id"] in text for line in document[name]["lines"])
