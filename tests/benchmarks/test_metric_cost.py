"""The table of what each metric costs."""

from __future__ import annotations

import json

from benchmarks.metric_cost import SHARED, costs_of
from dslineage.adapters.messages import Messages
from dslineage.quality.core.default import sft_core


def test_every_measured_metric_and_all_shared_work_has_a_line() -> None:
    turns = [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "Four."}]
    costs = costs_of([json.dumps({"messages": turns}).encode()] * 3, Messages())
    assert list(costs) == [
        "conversation",
        *(f"{name} (shared)" for name in SHARED),
        *(metric.name for metric in sft_core().measured),
    ]
    assert all(cost >= 0 for cost in costs.values())
