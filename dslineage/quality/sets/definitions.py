"""The set metrics of `sft-core@1`; `contamination` makes one more for each evaluation set."""

from __future__ import annotations

from dslineage.quality.setmetric import SetMetric
from dslineage.quality.sets.candidates import candidates
from dslineage.quality.sets.components import alike, components
from dslineage.quality.sets.copies import (
    exact_duplicates,
    target_conflicts,
    why_exact_duplicates,
    why_target_conflicts,
)
from dslineage.quality.sets.distinct import Distinct
from dslineage.quality.sets.diversity import distinct_ngrams, effective_openers, prompt_ngrams
from dslineage.quality.sets.grouping import repeated
from dslineage.quality.sets.keys import NEAR, OPENER, PROMPT, SHINGLE, TARGET
from dslineage.quality.sets.kinds import Kinds
from dslineage.quality.sets.near import NearDuplicates, near_duplicates, why_near_duplicates
from dslineage.quality.sets.rarefaction import expected_distinct, expected_effective
from dslineage.quality.sets.shingles import mixed, shingle_ids, shingle_sets, signatures
from dslineage.quality.sets.texts import normalised, visible
from dslineage.quality.words import ngram_id, word_id, words

EXACT_DUP = SetMetric(
    "exact_dup",
    unit="share",
    better="lower",
    prepare=exact_duplicates,
    uses=(Kinds,),
    why=why_exact_duplicates,
    formula="(n - distinct conversations) / n, the sum over examples of (1 - 1/c) / n where c have "
    "the same conversation",
    source="Lee et al., Deduplicating Training Data Makes Language Models Better, ACL 2022",
    worked="the conversations a, a, b, a: (4 - 2) / 4 = 0.5",
)
NEAR_DUP = SetMetric(
    "near_dup",
    unit="share",
    better="lower",
    prepare=near_duplicates,
    params={
        "least": 0.8,
        "shingle": SHINGLE,
        "bands": 16,
        "rows": 8,
        "pairs": 5_000_000,
        "conversations": 50_000,
    },
    keys=(NEAR,),
    uses=(
        NearDuplicates,
        Distinct,
        Kinds,
        candidates,
        repeated,
        alike,
        components,
        signatures,
        shingle_sets,
        shingle_ids,
        mixed,
        visible,
        normalised,
        words,
        word_id,
        ngram_id,
    ),
    why=why_near_duplicates,
    formula="(n - clusters) / n; in a cluster are examples of which W(P) and W(R), as sets of runs "
    "of 5 words, have a Jaccard index of 0.8 or more with another's; pairs are compared that share "
    "one of 16 bands of 8 of 128 MinHash minima; a text of fewer words is compared whole",
    source="Broder, On the resemblance and containment of documents, 1997; Lee et al., ACL 2022",
    worked="three texts, the second with one word of 100 changed: (3 - 2) / 3 = 0.333",
)
TARGET_CONFLICT = SetMetric(
    "target_conflict",
    unit="share",
    better="neutral",
    prepare=target_conflicts,
    keys=(PROMPT, TARGET),
    uses=(repeated, mixed),
    why=why_target_conflicts,
    formula="examples to whose normalised prompt there are two or more different normalised "
    "targets / examples with a prompt and a target",
    source="prompts with two answers: wanted where answers are sampled, otherwise a sign of noise",
    worked="(q, 4), (Q, 4), (q, 5), (r, 1): the first three of 4 = 0.75",
)
OPENERS_EFF = SetMetric(
    "openers_eff",
    unit="effective count",
    better="higher",
    prepare=effective_openers,
    params={"examples": 1_000},
    keys=(OPENER,),
    uses=(Kinds, expected_effective),
    formula="2^E[H], H being the entropy in bits of the first two words of the prompts of 1,000 "
    "examples drawn without replacement",
    source="Chao et al., Rarefaction and extrapolation with Hill numbers, Ecological Monographs "
    "84, 2014 (order 1)",
    worked="1,000 examples, of which half open with `what is`, half with `how do`: 2^1 = 2",
)
DISTINCT3 = SetMetric(
    "distinct3@10k",
    unit="ratio",
    better="higher",
    prepare=distinct_ngrams,
    params={"size": 3, "drawn": 10_000, "conversations": 20_000},
    uses=(Distinct, Kinds, prompt_ngrams, expected_distinct, mixed, words, word_id, ngram_id),
    formula="the sum over trigrams g of W(P) of 1 - C(N - f_g, K) / C(N, K), over K = 10,000: "
    "what share is different, in expectation, of K trigrams drawn without replacement from all N",
    source="Li et al., A Diversity-Promoting Objective Function, NAACL 2016 (distinct-n); "
    "Hurlbert, The nonconcept of species diversity, Ecology 52, 1971 (rarefaction)",
    worked="10,000 trigrams, 2,500 different: drawing all of them, 0.25",
)
SETS = (EXACT_DUP, NEAR_DUP, TARGET_CONFLICT, OPENERS_EFF, DISTINCT3)
