"""The language of what the model is trained to say, as py3langid recognises it."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from dslineage.packages import optional
from dslineage.quality.core.repetition import unfenced_lines
from dslineage.quality.metric import Kind, Metric

if TYPE_CHECKING:
    from dslineage.quality.example import Example

_PACKAGE = "py3langid"


def lang() -> Metric:
    """The metric; a UsageError where the package is not installed."""
    optional(_PACKAGE)
    return Metric(
        name="lang",
        kind=Kind.CATEGORY,
        unit="examples",
        better="neutral",
        function=language,
        params={"model": f"{_PACKAGE} {version(_PACKAGE)}", "letters": 20, "percent": 50},
        uses=(unfenced_lines,),
        formula="ISO 639 code that py3langid gives R without code fences, if R has at least 20 "
        "letters there and the probability is at least 0.5; else `und`",
        source="py3langid (a fork of langid.py: Lui and Baldwin, ACL 2012), with the model in its "
        "package",
        worked='"Il faut que tu fasses tes devoirs." is fr; "ok" is und, for it has 2 letters.',
    )


def language(example: Example, model: str, letters: int, percent: int) -> str | None:
    """The language of the target, `und` where it cannot be told."""
    if example.target is None:
        return None
    text = "\n".join(unfenced_lines(example.target))
    if sum(map(str.isalpha, text)) < letters:
        return "und"
    code, probability = _identifier(model).classify(text)
    return str(code) if probability * 100 >= percent else "und"


@cache
def _identifier(model: str) -> Any:
    langid = optional(model.split(maxsplit=1)[0]).langid
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
