"""A Unigram tokenizer for Chinese text, grown the same way every time.

The model is the Unigram language model of Kudo (2018), "Subword Regularization". Its usual
trainer in the tokenizers library walks hash maps in a random order and gives another
vocabulary each run (huggingface/tokenizers issue 668), so the pieces are chosen here, by
hard EM: cut the texts with the library's own Viterbi search, keep the pieces most used,
score them anew.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

UNKNOWN = "[UNK]"  # model2vec drops it; its vector is zero, so sentence-transformers does too
LONGEST = 6  # characters in a piece
_SEEDS, _SHRINK = 8, 0.6  # candidates a final piece starts with, and the share kept a round
_RAREST = 5  # occurrences below which a longer piece is not tried

Numbers = NDArray[np.int64]


def grow_tokenizer(sentences: Sequence[str], size: int) -> Tokenizer:
    """A tokenizer of at most `size` pieces, every character of `sentences` among them.

    Full and half width, upper and lower case read the same. Punctuation is dropped;
    digits and Latin letters are cut from the characters beside them.

    Raises:
        ValueError: `size` does not hold the characters of `sentences`.
    """
    chunks = _chunks(sentences)
    characters: Counter[str] = Counter()
    for chunk, count in chunks.items():
        for character in chunk:
            characters[character] += count
    if len(characters) + 1 > size:
        raise ValueError(
            f"--vocab {size} 太小：文本里有 {len(characters)} 个不同的字，至少要 {len(characters) + 1}。"
        )
    words, counts = list(chunks), np.fromiter(chunks.values(), dtype=np.int64, count=len(chunks))
    pieces = _scored({**_candidates(chunks, _SEEDS * size), **characters})
    while True:
        used = _usage(_tokenizer(pieces), words, counts, len(pieces))
        if len(pieces) <= size:
            return _tokenizer(_scored({piece: used[i] for i, (piece, _) in enumerate(pieces) if i}))
        keep = max(size, int(len(pieces) * _SHRINK)) - 1 - len(characters)
        longer = [(-used[i], piece) for i, (piece, _) in enumerate(pieces) if i and len(piece) > 1]
        kept = {piece: -count for count, piece in sorted(longer)[:keep]}
        single = {piece: used[i] for i, (piece, _) in enumerate(pieces) if i and len(piece) == 1}
        pieces = _scored({**kept, **single})


def token_ids(tokenizer: Tokenizer, texts: Iterable[str]) -> list[list[int]]:
    """The pieces of each text, without the unknown one, as model2vec reads them."""
    unknown = tokenizer.token_to_id(UNKNOWN)
    encodings = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
    return [[i for i in encoding.ids if i != unknown] for encoding in encodings]


def _tokenizer(pieces: list[tuple[str, float]]) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"[^\p{L}\p{N}]+"), "removed"),
            pre_tokenizers.Split(Regex(r"\p{N}+|[a-z]+"), "isolated"),
        ]
    )
    return tokenizer


def _chunks(sentences: Sequence[str]) -> Counter[str]:
    """Runs of text that no piece reaches across, and how often each occurs."""
    tokenizer = _tokenizer([(UNKNOWN, 0.0)])
    chunks: Counter[str] = Counter()
    for sentence in sentences:
        plain = tokenizer.normalizer.normalize_str(sentence)
        chunks.update(chunk for chunk, _ in tokenizer.pre_tokenizer.pre_tokenize_str(plain))
    return chunks


def _candidates(chunks: Counter[str], limit: int) -> dict[str, int]:
    """The `limit` runs of 2 to `LONGEST` characters that cover most text, with counts."""
    found: Counter[str] = Counter()
    for chunk, count in chunks.items():
        for length in range(2, min(LONGEST, len(chunk)) + 1):
            for start in range(len(chunk) - length + 1):
                found[chunk[start : start + length]] += count
    frequent = [(-count * len(piece), piece) for piece, count in found.items() if count >= _RAREST]
    return {piece: found[piece] for _, piece in sorted(frequent)[:limit]}


def _scored(counts: dict[str, int]) -> list[tuple[str, float]]:
    """Pieces with their log probabilities, the unknown one first, then the most used."""
    total = sum(counts.values()) + len(counts)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    scored = [(piece, round(math.log((count + 1) / total), 3)) for piece, count in ranked]
    return [(UNKNOWN, 0.0), *scored]


def _usage(tokenizer: Tokenizer, words: list[str], counts: Numbers, size: int) -> list[int]:
    """How often each piece is used when every chunk is cut as likely as possible."""
    encodings = tokenizer.encode_batch_fast(words, add_special_tokens=False)
    lengths = np.fromiter((len(encoding.ids) for encoding in encodings), dtype=np.int64)
    ids = np.fromiter((i for encoding in encodings for i in encoding.ids), dtype=np.int64)
    return [int(n) for n in np.bincount(ids, weights=np.repeat(counts, lengths), minlength=size)]
