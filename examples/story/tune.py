"""Train a tiny language model: python tune.py DATA OUT STEPS [CHECKPOINT].

It needs torch, transformers and TRL, and takes seconds on a CPU. Two lines are dslineage's.
"""

import sys
from pathlib import Path

from datasets import load_dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import SFTConfig, SFTTrainer

import dslineage
from dslineage.training import DslineageCallback

TEMPLATE = "{% for m in messages %}{{ m['role'] }} : {{ m['content'] }} </s> {% endfor %}"
BATCH = 4


def tokenizer_of(texts: list[str]) -> PreTrainedTokenizerFast:
    """One token for each word of some texts."""
    special = ["<pad>", "</s>", "<unk>", "user", "assistant", ":"]
    known = dict.fromkeys([*special, *sorted({word for text in texts for word in text.split()})])
    words = Tokenizer(models.WordLevel({word: n for n, word in enumerate(known)}, "<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    return PreTrainedTokenizerFast(tokenizer_object=words, chat_template=TEMPLATE, **names)


def main(data: Path, out: Path, steps: int, resumed: Path | None) -> None:
    """Train up to some step, with a checkpoint after each epoch."""
    rows = load_dataset("json", data_files=str(data), split="train")
    dslineage.watch(rows)
    if resumed is None:
        texts = [turn["content"] for row in rows for turn in row["messages"]]
        tokenizer = tokenizer_of(texts)
    else:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(resumed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=8,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
    )
    trainer = SFTTrainer(
        model=LlamaForCausalLM(config),
        args=SFTConfig(
            output_dir=str(out),
            max_steps=steps,
            per_device_train_batch_size=BATCH,
            save_strategy="epoch",
            max_length=64,
            use_cpu=True,
            report_to="none",
            disable_tqdm=True,
        ),
        train_dataset=rows,
        processing_class=tokenizer,
        callbacks=[DslineageCallback()],
    )
    trainer.train(resume_from_checkpoint=str(resumed) if resumed else None)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(Path(given[0]), Path(given[1]), int(given[2]), Path(given[3]) if given[3:] else None)
