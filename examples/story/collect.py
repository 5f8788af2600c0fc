"""Write what the story begins with, into the current folder: two sources and an evaluation set.

The forum has a user's name in each row, three rows without an answer, four that stand twice, and
one with a wrong answer. One example of the evaluation set is in the forum, one in the other source.
"""

import json
from pathlib import Path


def chat(number: int, asked: str, said: str, **more: object) -> dict[str, object]:
    """One example."""
    turns = [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]
    return {"id": number, "messages": turns, **more}


def write(name: str, rows: list[dict[str, object]]) -> None:
    """One example a line."""
    Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


WORDS = ("invoice", "parcel", "refund", "account", "password", "address", "coupon", "payment",
         "order", "receipt")  # fmt: skip
forum = [
    chat(n, f"Where do I find my {word} number {n} ?", f"Open {word} number {n} in the menu .",
         user=f"user-{n % 5}")
    for n, word in enumerate(WORDS * 3)
]  # fmt: skip
for n in (3, 7, 11):
    forum[n]["messages"][1]["content"] = ""  # type: ignore[index]
forum[20]["messages"][1]["content"] = "No idea , sorry ."  # type: ignore[index]
forum += forum[12:16]
write("forum.jsonl", forum)

math = [
    chat(1000 + n, f"What is {n} plus {n} ?", f"It is {n + n} .", template="double")
    for n in range(20)
]
write("math.jsonl", math)

held_out = [chat(2000 + n, f"What is {n} plus 1 ?", f"It is {n + 1} .") for n in range(9)]
shared = dict(forum[5])
del shared["user"]
write("exam.jsonl", [*held_out, shared])
