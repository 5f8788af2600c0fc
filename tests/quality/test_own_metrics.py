"""A team's own metrics: what an id covers, what a value may be, and whose code runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dslineage import Repository
from dslineage.config import read_config
from dslineage.errors import UntrustedError, UsageError
from dslineage.quality.choosing import Consent, chosen_profile
from dslineage.quality.custom import MetricError, OwnMetric
from dslineage.quality.example import Example
from dslineage.quality.metricfile import load_metrics

CITES = '''
"""Ours."""
import re

from dslineage import metric

PATTERN = r"\\[\\d+\\]"


def cited(text):
    return re.findall(PATTERN, text)


@metric("cites", better="higher", params={"least": 1})
def cites(example, least):
    """How often."""
    return len(cited(example.target or "")) >= least


@metric("other", unit="count")
def other(example):
    return 1
'''


def id_of(text: str, name: str = "cites") -> str:
    return {one.name: one.id for one in load_metrics(Path("m.py"), text.encode())}[name]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (">= least", "> least"),
        (r"\d+", r"\d"),
        ("findall(PATTERN, text)", "findall(PATTERN, text[:9])"),
        ('"least": 1', '"least": 2'),
        ("def cited", 'PATTERN += "!"\n\n\ndef cited'),
    ],
)
def test_code_a_helper_a_constant_and_a_parameter_change_the_id(old: str, new: str) -> None:
    assert old in CITES
    assert id_of(CITES) != id_of(CITES.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""How often."""', '"""How often it cites."""'),
        ("import re\n", "import re  # why\n\n# and\n"),
        ("    return 1\n", "    return 2\n"),
        ('"""Ours."""\n', ""),
    ],
)
def test_comments_blank_lines_docstrings_and_other_metrics_do_not(old: str, new: str) -> None:
    assert old in CITES
    assert id_of(CITES) == id_of(CITES.replace(old, new))


@pytest.mark.parametrize(
    ("unit", "body", "why"),
    [
        ("share", "1 / 0", "raised ZeroDivisionError: division by zero, line 5"),
        ("share", "0.5", "returned 0.5: a share is made of True and False"),
        ("score", "float('nan')", "returned nan: a number is finite"),
        ("score", "float('-inf')", "returned -inf: a number is finite"),
        ("score", "10 ** 400", "a number is finite"),
        ("score", "'high'", "returned 'high': it is no number"),
        ("category", "'x' * 10_000", "a category is a name of at most 100"),
        ("category", "'\\ud800'", "surrogates not allowed"),
        ("ppm", "(1, 2)", "a rate is a Rate"),
        ("share", "example.fields.clear()", "changed the example"),
        ("share", "exit(3)", "raised SystemExit"),
    ],
)
def test_what_a_metric_should_not_do_names_it_and_the_example(
    unit: str, body: str, why: str
) -> None:
    text = f"from dslineage import metric\n@metric('m', unit={unit!r})\n\ndef m(example):\n"
    (metric,) = load_metrics(Path("m.py"), f"{text} return {body}".encode())
    assert isinstance(metric, OwnMetric)
    with pytest.raises(MetricError) as caught:
        metric.of(example())
    assert str(caught.value).startswith("the metric m ")
    assert why in str(caught.value)
    assert str(caught.value).count("(example ") == 1


def example() -> Example:
    return Example({"text": "a [1]"}, {"text": "a [1]"})


class Team:
    """A repository whose settings name a metric file."""

    def __init__(self, root: Path, trust: Path) -> None:
        self.root, self.trust = root, trust
        (root / "dslineage.toml").write_text('[metrics]\nfiles = ["m.py"]\n')
        (root / "m.py").write_text(CITES)
        self.data(range(20))

    @property
    def repo(self) -> Repository:
        return Repository.open(self.root, trust_file=self.trust)

    def data(self, numbers: range) -> None:
        rows = ({"prompt": f"q{n}", "completion": f"a [{n}]" * (n % 2)} for n in numbers)
        (self.root / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def team(git_repo: Path, tmp_path: Path) -> Team:
    Repository.init(git_repo)
    return Team(git_repo, tmp_path / "state" / "trust.json")


def test_code_runs_when_it_is_trusted_and_an_edit_asks_again(team: Team) -> None:
    first = team.repo.add(["t.jsonl"])
    assert "cites" not in first.version.metrics
    assert any("m.py was not trusted" in notice for notice in first.notices)
    with pytest.raises(UntrustedError):
        team.repo.measure()
    team.repo.allow("m.py")
    assert team.repo.measure().versions[0].metrics["cites"]["value"] == 0.5
    (team.root / "m.py").write_text(CITES + "\n")
    with pytest.raises(UntrustedError, match="has changed since"):
        team.repo.measure()
    assert team.repo.disallow("m.py").changed


def test_naming_a_file_is_consent_for_that_call_alone(team: Team) -> None:
    (team.root / "dslineage.toml").unlink()
    team.repo.add(["t.jsonl"])
    assert "cites" in team.repo.measure(files=["m.py"]).versions[0].metrics
    assert not team.repo.profile.has("cites")
    assert not team.trust.exists()


def test_trust_is_for_one_place_and_never_kept_inside_of_the_repository(
    team: Team, tmp_path: Path
) -> None:
    team.repo.allow("m.py")
    other = tmp_path / "other"
    other.mkdir()
    Repository.init(other)
    assert not Team(other, team.trust).repo.profile.has("cites")
    inside = Repository.open(team.root, trust_file=team.root / "trust.json")
    with pytest.raises(UsageError, match="inside of the repository"):
        inside.allow("m.py")
    (team.root / "trust.json").write_bytes(team.trust.read_bytes())
    assert not inside.profile.has("cites")


@pytest.mark.parametrize("name", ["../x.py", "/x.py", ".git/x.py", "link.py", "gone.py", "folder"])
def test_only_regular_files_of_the_repository_can_be_named(team: Team, name: str) -> None:
    (team.root / "folder").mkdir()
    for place in (team.root.parent / "x.py", team.root / ".git" / "x.py"):
        place.write_text(CITES)
    (team.root / "link.py").symlink_to(team.root.parent / "x.py")
    (team.root / "dslineage.toml").write_text(f"[metrics]\nfiles = [{json.dumps(name)}]\n")
    with pytest.raises(UsageError):
        team.repo.profile  # noqa: B018
    with pytest.raises(UsageError):
        team.repo.allow(name)


def test_what_was_hashed_is_what_runs(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    team.repo.allow("m.py")
    read = Path.read_bytes

    def replaced(path: Path) -> bytes:
        content = read(path)
        if path.name == "m.py":
            path.write_text("raise SystemExit('replaced')")
        return content

    monkeypatch.setattr(Path, "read_bytes", replaced)
    consent = Consent(team.repo.trust)
    assert chosen_profile(read_config(team.root), team.root, consent, {}).has("cites")


def test_a_metric_that_fails_loses_neither_the_version_nor_the_others(team: Team) -> None:
    (team.root / "m.py").write_text(CITES.replace("return 1", "return 1 // (example.target != '')"))
    team.repo.allow("m.py")
    added = team.repo.add(["t.jsonl"])
    assert added.version.metrics["cites"]["value"] == 0.5
    assert any("the metric other raised ZeroDivisionError" in one for one in added.notices)
    with pytest.raises(MetricError, match="everything else is recorded"):
        team.repo.measure()


def test_two_workers_measure_what_one_does(team: Team) -> None:
    team.repo.add(["t.jsonl"], measure=False)
    team.repo.allow("m.py")
    two = team.repo.measure(workers=2).versions[0].metrics
    assert (two["cites"]["value"], two["other"]["value"]) == (0.5, 1.0)


def test_changed_code_makes_figures_not_comparable(team: Team) -> None:
    team.repo.allow("m.py")
    team.repo.add(["t.jsonl"])
    team.repo.git.commit("v1")
    (team.root / "m.py").write_text(CITES.replace(">= least", "> least"))
    team.repo.allow("m.py")
    team.data(range(5, 25))
    team.repo.add(["t.jsonl"])
    (cites,) = (one for one in team.repo.diff("v1", "v2").metrics if one.metric == "cites")
    assert not cites.comparable
    assert cites.hint == "dslineage metrics run t@v1"


def test_settings_give_metrics_options(team: Team) -> None:
    (team.root / "dslineage.toml").write_text(
        "[metrics.params.over_len]\ntokens = 50\n[metrics.extras.axolotl]\nsequence_len = 100\n"
    )
    assert team.repo.profile.has("over_len[50]")
    assert team.repo.profile.has("effective[axolotl]")


@pytest.mark.parametrize(
    "text",
    [
        "[metrics.params.over_len]\ntokens = '50'",
        "[metrics.params.over_len]\nwords = 50",
        "[metrics.params.refusals]\nopening = 5",
        "[metrics.extras.axolotl]",
        "[metrics.extras.unknown]",
        "[metrics.evals]\nx = 's3://bucket/x.jsonl'",
        "[metrics.evals]\nx = '../x.jsonl'",
        "[[gates]]\nmetric = 'pii'\nmax = nan\nreason = 'r'",
        "[[gates]]\nmetric = 'pii'\nmax = '2 percent'\nreason = 'r'",
        "[[gates]]\nmetric = 'pii'\nmax = 0",
        "[[gates]]\nmetric = 'pii'\nmax = 0\nwarn = 'yes'\nreason = 'r'",
        "[metric]\nfiles = []",
        "not toml",
    ],
)
def test_settings_that_are_not_understood_are_refused(team: Team, text: str) -> None:
    (team.root / "dslineage.toml").write_text(text)
    with pytest.raises(UsageError, match=r"dslineage\.toml"):
        team.repo.profile  # noqa: B018
