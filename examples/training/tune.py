"""Fine-tunes a tiny model on the CPU, and notes which data made it.

    python tune.py train.jsonl outputs/tiny

It needs no git, no repository and no network. Afterwards, in the repository of the data:

    dslineage run import outputs/tiny
"""

from __future__ import annotations

import sys
from pathlib import Path

from datasets import load_dataset
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import SFTConfig, SFTTrainer

import dslineage
from dslineage.training import DslineageCallback

TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }} </s> {% endfor %}"


def tokenizer_of(texts: list[str]) -> PreTrainedTokenizerFast:
    """A tokenizer of a few hundred words."""
    words = Tokenizer(models.WordLevel(unk_token="<unk>"))  # noqa: S106 - a token of a vocabulary
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    special = ["<pad>", "</s>", "<unk>"]
    words.train_from_iterator(
        texts, trainers.WordLevelTrainer(vocab_size=400, special_tokens=special)
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=words,
        pad_token="<pad>",  # noqa: S106 - likewise
        eos_token="</s>",  # noqa: S106 - likewise
        unk_token="<unk>",  # noqa: S106 - likewise
        chat_template=TEMPLATE,
    )


def main(data: Path, out: Path) -> None:
    """Train for two epochs, with a checkpoint after each."""
    rows = load_dataset("json", data_files=str(data), split="train")
    # Before the trainer is made: it will apply a template, cut, drop and pack.
    dslineage.watch(rows)

    texts = [message["content"] for row in rows for message in row["messages"]]
    tokenizer = tokenizer_of(texts)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
    )
    callback = DslineageCallback()
    trainer = SFTTrainer(
        model=LlamaForCausalLM(config),
        args=SFTConfig(
            output_dir=str(out),
            num_train_epochs=2,
            save_strategy="epoch",
            max_length=64,
            use_cpu=True,
            report_to="none",
        ),
        train_dataset=rows,
        processing_class=tokenizer,
        callbacks=[callback],
    )
    trainer.train()
    trainer.save_model(str(out / "final"))
    # No callback sees what is saved after the training, so it is said.
    callback.saved(out / "final")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
