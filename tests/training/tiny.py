"""Tiny models, tokenizers and trainers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Trainer,
    TrainingArguments,
)
from trl import SFTConfig, SFTTrainer

TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }} : {% if m['role'] == 'assistant' %}"
    "{% generation %}{{ m['content'] }} </s>{% endgeneration %}"
    "{% else %}{{ m['content'] }} </s>{% endif %} {% endfor %}"
    "{% if add_generation_prompt %}assistant : {% endif %}"
)
SPECIAL = ["<pad>", "</s>", "<unk>"]
WORDS = [*SPECIAL, "user", "assistant", ":", *(f"w{number}" for number in range(60))]


def tokenizer() -> PreTrainedTokenizerFast:
    """One token for each word."""
    known = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, "<unk>"))
    known.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=known,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        chat_template=TEMPLATE,
    )


def model(seed: int = 0) -> LlamaForCausalLM:
    """A model of some thousand parameters."""
    import torch

    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(WORDS),
            hidden_size=8,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=128,
            pad_token_id=0,
            eos_token_id=1,
            tie_word_embeddings=True,
        )
    )


def words(count: int, first: int = 0) -> str:
    """A text of so many tokens."""
    return " ".join(f"w{(first + number) % 60}" for number in range(count))


def chat(asked: int, said: int, first: int = 0) -> dict[str, Any]:
    """A conversation whose turns have so many words."""
    turns = [("user", words(asked, first)), ("assistant", words(said, first + 7))]
    return {"messages": [{"role": role, "content": text} for role, text in turns]}


def chats(count: int = 8) -> list[dict[str, Any]]:
    """Short conversations, all different."""
    return [{"id": number} | chat(3, 4, number) for number in range(count)]


def tokens(rows: list[dict[str, Any]]) -> Dataset:
    """What a plain Trainer is given: conversations as tokens, all of one length."""
    coder = tokenizer()
    ids = [
        coder.apply_chat_template(row["messages"], return_dict=True)["input_ids"] for row in rows
    ]
    return Dataset.from_list([{"input_ids": one, "labels": one} for one in ids])


_QUIET = {
    "report_to": "none",
    "use_cpu": True,
    "disable_tqdm": True,
    "logging_strategy": "no",
    "per_device_train_batch_size": 2,
    "dataloader_pin_memory": False,
}


def arguments(folder: Path, **more: Any) -> TrainingArguments:
    """Arguments of a quiet training on the CPU."""
    return TrainingArguments(output_dir=str(folder), **_QUIET | more)


def trainer(folder: Path, data: Dataset, callbacks: list[Any], **more: Any) -> Trainer:
    """A Trainer of transformers."""
    return Trainer(
        model=model(),
        args=arguments(folder, **more),
        train_dataset=data,
        processing_class=tokenizer(),
        callbacks=callbacks,
    )


def sft(folder: Path, data: Dataset, callbacks: list[Any], **more: Any) -> SFTTrainer:
    """An SFTTrainer of TRL."""
    return SFTTrainer(
        model=model(),
        args=SFTConfig(output_dir=str(folder), **_QUIET | more),
        train_dataset=data,
        processing_class=tokenizer(),
        callbacks=callbacks,
    )
