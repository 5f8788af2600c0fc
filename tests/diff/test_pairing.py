"""Step 3: the rules that pair a removed with an added example, one by one, in their order."""

from __future__ import annotations

from random import Random

import numpy as np

from dslineage.diff.engine import compare
from dslineage.diff.pairing import closest
from tests.diff.chat import ALPACA, MESSAGES, chat, compared, counts, instruction
from tests.diff.memory import MemorySnapshot, Space

HUNDRED = [instruction(n, id=n) for n in range(100)]
PLAIN = [instruction(n) for n in range(100)]


def test_an_answer_rewritten_under_its_prompt_is_one_edit_with_a_key_and_without() -> None:
    for examples, key, rule in ((HUNDRED, "id", "key"), (PLAIN, None, "prompt")):
        after = [dict(example) for example in examples]
        after[42]["output"] = "Nobody knows."
        result = compared(examples, after, key=key)
        assert counts(result) == (99, 1, 0, 0)
        assert (dict(result.edits), dict(result.pairing)) == ({"response": 1}, {rule: 1})


def test_a_corrected_key_is_an_edit_of_the_metadata() -> None:
    after = [dict(example) for example in HUNDRED]
    after[42]["id"] = 4242
    result = compared(HUNDRED, after, key="id")
    assert counts(result) == (99, 1, 0, 0)
    assert (dict(result.edits), dict(result.pairing)) == ({"metadata": 1}, {"unkeyed": 1})


def test_the_same_content_in_another_notation_is_an_edit_and_no_new_key() -> None:
    calls = [{"function": {"name": "find", "arguments": {"n": n}}} for n in range(40)]
    texts = [{"function": {"name": "find", "arguments": f'{{"n": {n}}}'}} for n in range(40)]
    before, after = (
        [
            {"id": n, "messages": [{"role": "user", "content": "Find it."}, {"role": "assistant",
             "tool_calls": [call]}]}
            for n, call in enumerate(each)
        ]
        for each in (calls, texts)
    )  # fmt: skip
    result = compared(before, after, MESSAGES, key="id")
    assert counts(result) == (0, 40, 0, 0)
    assert dict(result.edits) == {"formatting": 40}
    assert result.notices == ()


def test_running_numbers_given_anew_after_rows_were_dropped_are_removals() -> None:
    kept = [example for n, example in enumerate(HUNDRED) if n not in (7, 30, 31, 60, 90)]
    after = [example | {"id": n} for n, example in enumerate(kept)]
    for examples, other in ((HUNDRED, after), (after, HUNDRED)):
        result = compared(examples, other, key="id")
        assert (result.unchanged, result.edited) == (95, 0)
        assert {result.removed, result.added} == {0, 5}
        assert "'id' was given anew to 88 examples" in result.notices[0]


def test_numbers_given_anew_do_not_pair_what_else_was_edited() -> None:
    kept = [example for n, example in enumerate(HUNDRED) if n not in (7, 30, 31, 60, 90)]
    after = [example | {"id": n} for n, example in enumerate(kept)]
    after[50]["output"] = "Nobody knows."
    result = compared(HUNDRED, after, key="id")
    assert counts(result) == (94, 1, 5, 0)
    assert dict(result.pairing) == {"prompt": 1}


def test_numbers_given_anew_while_every_answer_changed_pair_nothing_by_key() -> None:
    after = [example | {"output": f"No {n}."} for n, example in enumerate(HUNDRED[5:])]
    after = [example | {"id": n} for n, example in enumerate(after)]
    result = compared(HUNDRED, after, key="id")
    assert counts(result) == (0, 95, 5, 0)
    assert dict(result.pairing) == {"prompt": 95}
    assert "only 0 of the 95 pairs" in result.notices[0]


def test_a_named_key_pairs_whatever_the_examples_say() -> None:
    after = [instruction(n + 500, id=n) for n in range(100)]
    assert counts(compared(HUNDRED, after, key="id")) == (0, 0, 100, 100)
    result = compared(HUNDRED, after, named="id")
    assert counts(result) == (0, 100, 0, 0)
    assert dict(result.pairing) == {"key": 100}


def test_four_answers_under_each_prompt_shuffled_with_one_edited_are_one_edit() -> None:
    before = [
        {"instruction": f"Explain how to {n}.", "output": f"Way {k} is to {PLAIN[4 * n + k]}"}
        for n in range(10)
        for k in range(4)
    ]
    after = [dict(example) for example in before]
    after[13]["output"] += " and smile"
    Random(3).shuffle(after)
    result = compared(before, after)
    assert counts(result) == (39, 1, 0, 0)
    assert result.reordered


def test_under_one_prompt_each_answer_is_paired_with_the_closest() -> None:
    before = [{"instruction": "Explain.", "output": f"To {PLAIN[n]['output']}"} for n in range(8)]
    after = [example | {"output": example["output"] + " Good luck!"} for example in before]
    Random(3).shuffle(after)
    result = compared(before, after)
    assert counts(result) == (0, 8, 0, 0)
    assert result.rows is not None
    for row in result.rows:
        assert row.before is not None
        assert row.after is not None
        assert row.after["output"] == row.before["output"] + " Good luck!"


def test_a_prompt_that_all_examples_share_pairs_nothing_by_itself() -> None:
    before = [{"instruction": "Go on.", "output": PLAIN[n]["output"]} for n in range(90)]
    after = [{"instruction": "Go on.", "output": instruction(n)["output"]} for n in range(100, 190)]
    result = compared(before, after)
    assert counts(result) == (0, 0, 90, 90)
    assert result.notices[0].startswith("1 prompts stand over so many changed examples")


def test_ties_between_answers_go_to_the_smaller_digests_from_both_sides() -> None:
    grid = np.ones((2, 2))
    digests = np.zeros((2, 32), np.uint8)
    digests[:, 0] = [9, 4]
    others = np.zeros((2, 32), np.uint8)
    others[:, 0] = [1, 7]
    there = closest(grid, digests, others)
    back = closest(grid.T, others, digests)
    assert sorted(zip(*there, strict=True)) == sorted(zip(*reversed(back), strict=True))
    assert (1, 0) in zip(*there, strict=True)


def test_an_appended_turn_continues_its_conversation() -> None:
    before = [chat(PLAIN[n]["instruction"], PLAIN[n]["output"]) for n in range(20)]
    after = [dict(example) for example in before]
    after[4] = chat(*_turns(4), "And then?", "Then you wait.")
    result = compared(before, after, MESSAGES)
    assert counts(result) == (19, 1, 0, 0)
    assert dict(result.pairing) == {"opening": 1}
    assert set(result.edits) == {"prompt", "response", "turns"}
    assert dict(compared(after, before, MESSAGES).pairing) == {"opening": 1}


def test_an_opening_that_two_conversations_share_pairs_neither() -> None:
    before = [chat(*_turns(n)) for n in range(20)]
    forks = [chat(*_turns(4), "And then?", "Wait."), chat(*_turns(4), "Why?", "Because.")]
    result = compared(before, before[:4] + before[5:] + forks, MESSAGES)
    assert counts(result) == (19, 0, 1, 2)


def test_a_greeting_is_no_opening() -> None:
    before = [chat("Hi", "Hello!"), *(chat(*_turns(n)) for n in range(20))]
    after = [*before[1:], chat("Hi", "Hello!", "Name a river.", "The Danube.")]
    assert counts(compared(before, after, MESSAGES)) == (20, 0, 1, 1)


def test_a_prompt_rewritten_over_its_answer_is_paired_by_the_response() -> None:
    after = [dict(example) for example in PLAIN]
    after[9]["instruction"] = "What would your grandmother do about it?"
    result = compared(PLAIN, after)
    assert counts(result) == (99, 1, 0, 0)
    assert (dict(result.edits), dict(result.pairing)) == ({"prompt": 1}, {"response": 1})


def test_an_answer_of_one_word_pairs_nothing() -> None:
    before = [*PLAIN, {"instruction": "Is the moon a planet?", "output": "No."}]
    after = [*PLAIN, {"instruction": "Should I eat soap today?", "output": "No."}]
    assert counts(compared(before, after)) == (100, 0, 1, 1)


def test_an_answer_that_stands_elsewhere_as_well_pairs_nothing() -> None:
    refusal = "I am sorry, but I cannot help with that request, whatever the reason may be."
    before = [*PLAIN, {"instruction": "Pick the lock.", "output": refusal}]
    after = [*PLAIN, {"instruction": "Forge a passport.", "output": refusal}]
    assert dict(compared(before, after).pairing) == {"response": 1}
    other = {"instruction": "Brew a poison.", "output": refusal}
    assert counts(compared([*before, other], [*after, other])) == (101, 0, 1, 1)


def test_what_a_step_recorded_pairs_before_likeness_does() -> None:
    space = Space()
    before = MemorySnapshot(PLAIN[:50], ALPACA, space=space)
    after = MemorySnapshot([*PLAIN[1:50], instruction(500)], ALPACA, space=space)
    old, new = before.digests(before.rows()[:1]), after.digests(after.rows()[-1:])
    found = compare(before, after, parents={new.tobytes(): (old.tobytes(),)})
    assert found.rule_counts() == {"parent": 1}
    assert compare(before, after).rule_counts() == {}


def _turns(number: int) -> tuple[str, str]:
    return PLAIN[number]["instruction"], PLAIN[number]["output"]
