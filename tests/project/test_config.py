"""`dslineage.toml`: what it says is understood, and what is not understood is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dslineage.config import Bound, Config, GateConfig, JudgeConfig, read_config
from dslineage.errors import UsageError
from dslineage.ids import Digest

WHOLE = """\
[metrics]
files = ["own.py"]
without = ["turns"]
extras = ["lang"]
evals = { gsm = "eval/gsm.jsonl" }
params.over_len = { tokens = 4096 }

[roles]
eval = ["heldout"]

[[gates]]
metric = "pii/email"
max = 0
max_increase = "0.1pp"
reason = "no addresses"
warn = true
dataset = "train"

[[judges]]
name = "helpful"
command = ["python3", "judge.py"]
model = "m-1"
better = "higher"
sample = 50
"""


def config(tmp_path: Path, text: str) -> Config:
    (tmp_path / "dslineage.toml").write_text(text, encoding="utf-8")
    return read_config(tmp_path)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        config(tmp_path, text)
    assert caught.value.kind == "bad-config"
    return caught.value.message


def test_without_a_file_nothing_is_set(tmp_path: Path) -> None:
    assert read_config(tmp_path) == Config()


def test_all_that_a_file_may_say_is_read(tmp_path: Path) -> None:
    found = config(tmp_path, WHOLE)
    assert found == Config(
        digest=Digest.of(WHOLE.encode()),
        files=("own.py",),
        without=("turns",),
        extras={"lang": {}},
        evals={"gsm": "eval/gsm.jsonl"},
        eval_sets=("heldout",),
        params={"over_len": {"tokens": 4096}},
        gates=(
            GateConfig(
                "pii/email",
                "no addresses",
                (
                    Bound("max", 0.0, "0", is_share=False),
                    Bound("max_increase", 0.001, "0.1pp", is_share=True),
                ),
                warn=True,
                dataset="train",
            ),
        ),
        judges=(
            JudgeConfig("helpful", ("python3", "judge.py"), "m-1", better="higher", sample=50),
        ),
    )
    (judge,) = found.judges
    assert (judge.unit, judge.seed, judge.timeout, judge.prompt) == ("score", 0, 600, None)


def test_extras_are_a_list_or_a_table_with_options(tmp_path: Path) -> None:
    listed = config(tmp_path, '[metrics]\nextras = ["lang", "secrets"]').extras
    assert listed == {"lang": {}, "secrets": {}}
    tabled = config(tmp_path, '[metrics.extras.tokens]\nvocabulary = "o200k"').extras
    assert tabled == {"tokens": {"vocabulary": "o200k"}}


@given(
    number=st.decimals(-1000, 1000, places=3),
    unit=st.sampled_from([("pp", 0.01), ("%", 0.01), ("ppm", 1e-6)]),
    space=st.sampled_from(["", " "]),
)
def test_a_bound_with_a_unit_is_a_share(
    tmp_path_factory: pytest.TempPathFactory,
    number: object,
    unit: tuple[str, float],
    space: str,
) -> None:
    written = f"{number:f}{space}{unit[0]}"
    gate = f'[[gates]]\nmetric = "m"\nreason = "r"\nmin = "{written}"'
    (bound,) = config(tmp_path_factory.mktemp("root"), gate).gates[0].bounds
    assert bound.is_share
    assert bound.value == pytest.approx(float(str(number)) * unit[1])
    assert bound.written == f"{number:f}{unit[0]}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gates = 1", "gates: it is written as [[gates]]"),
        ("[[gate]]", "gate: it is not known; did you mean gates?"),
        ("zzz = 1", "zzz: it is not known: metrics, roles, gates, judges, hooks, ci are"),
        ("metrics = 1", "metrics: it is a table"),
        ("[metrics]\nfile = []", "metrics.file: it is not known; did you mean files?"),
        ('[metrics]\nfiles = "own.py"', "metrics.files: it is a list of texts"),
        ("[metrics]\nwithout = [1]", "metrics.without: it is a list of texts"),
        ("[metrics]\nparams.over_len = 3", "metrics.params.over_len: it is a table"),
        ("[metrics]\nextras.lang = 3", "metrics.extras.lang: it is a table"),
        ("[metrics]\nevals.gsm = 3", "metrics.evals.gsm: it is a text"),
        ("[hooks]\nrestore = 1", "hooks.restore: it is true or false"),
        ("[roles]\nevals = []", "roles.evals: it is not known; did you mean eval?"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(
    tmp_path: Path, text: str, said: str
) -> None:
    assert refusal(tmp_path, text) == f"dslineage.toml: {said}"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['metric = "m"', 'reason = "r"'], "metric: a gate needs one of min, max, max_increase"),
        (['metric = "m"', "max = 1"], "reason: a gate says why it is there"),
        (['metric = "m"', "max = 1", 'reason = " "'], "reason: a gate says why it is there"),
        (["max = 1", 'reason = "r"'], "metric: it is a text"),
        (['metric = "m"', 'reason = "r"', "maximum = 1"], "maximum: it is not known; did you mean"),
        (['metric = "m"', 'reason = "r"', "max = true"], "max: it is a number, or a text such as"),
        (['metric = "m"', 'reason = "r"', "max = nan"], "max: it is a number, or a text such as"),
        (['metric = "m"', 'reason = "r"', 'max = "1 %%"'], "max: it is a number, or a text such"),
        (['metric = "m"', 'reason = "r"', 'max = "5"'], "max: it is a number, or a text such as"),
        (['metric = "m"', 'reason = "r"', "max = 1", "warn = 1"], "warn: it is true or false"),
        (['metric = "m"', 'reason = "r"', "max = 1", "dataset = 1"], "dataset: it is a text"),
    ],
)
def test_a_gate_is_refused_with_its_number(tmp_path: Path, lines: list[str], said: str) -> None:
    good = '[[gates]]\nmetric = "m"\nreason = "r"\nmax = 1\n'
    text = good + "[[gates]]\n" + "\n".join(lines)
    assert refusal(tmp_path, text).startswith(f"dslineage.toml: gates[1].{said}")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("better = 'up'", "judges[0].better: it is higher, lower or neutral"),
        ("sample = 0", "judges[0].sample: it is a whole number"),
        ("timeout = 1.5", "judges[0].timeout: it is a whole number"),
        ("seed = -1", "judges[0].seed: it is a whole number"),
        ("sample = true", "judges[0].sample: it is a whole number"),
        ("prompt = ''", "judges[0].prompt: it is a text"),
        ("shell = 'sh'", "judges[0].shell: it is not known"),
    ],
)
def test_a_judge_is_refused_with_its_number(tmp_path: Path, line: str, said: str) -> None:
    judge = "[[judges]]\nname = 'n'\nmodel = 'm'\ncommand = ['c']\n"
    assert refusal(tmp_path, judge + line).startswith(f"dslineage.toml: {said}")


def test_a_judge_has_a_command_a_model_and_a_name_of_its_own(tmp_path: Path) -> None:
    for command in ("", "command = []", "command = ['']"):
        text = f"[[judges]]\nname = 'n'\nmodel = 'm'\n{command}"
        assert refusal(tmp_path, text).endswith("judges[0].command: it is a list of words")
    judge = "[[judges]]\nname = 'n'\nmodel = 'm'\ncommand = ['c']\n"
    assert refusal(tmp_path, judge * 2) == "dslineage.toml: judges: two have one name"
    assert refusal(tmp_path, judge.replace("model = 'm'\n", "")).endswith(".model: it is a text")
    assert config(tmp_path, f"{judge}seed = 0").judges[0].seed == 0


def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    assert refusal(tmp_path, "gates = [").startswith("dslineage.toml is not TOML: ")
    (tmp_path / "dslineage.toml").write_bytes(b"x = '\xff'")
    with pytest.raises(UsageError, match="is not TOML"):
        read_config(tmp_path)
    (tmp_path / "dslineage.toml").unlink()
    (tmp_path / "dslineage.toml").mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        read_config(tmp_path)


@pytest.mark.parametrize("value", ["[" * 5000, "9" * 5000], ids=["deep", "a huge integer"])
def test_what_toml_itself_cannot_read_is_no_toml(tmp_path: Path, value: str) -> None:
    assert refusal(tmp_path, f"gates = {value}").startswith("dslineage.toml is not TOML: ")
