"""Text to numbers: tokens, vocabularies, windows, padding."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

import numpy as np

WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")


def words(text: str) -> list[str]:
    """Split a text into lower-case words and single punctuation marks.

    Args:
        text: Any string.

    Returns:
        List of tokens; `"didn't"` stays one token.

    Example:
        >>> words("I didn't go, yet.")
        ['i', "didn't", 'go', ',', 'yet', '.']
    """
    return WORD.findall(text.lower())


class Vocabulary:
    """A two-way table between tokens and the ids 0 … V − 1.

    Special tokens come first, in the order given. Then the tokens of the data: the
    most frequent first if `max_size` limits them, else in sorted order (values that
    cannot be sorted, such as words mixed with numbers, in order of appearance).

    Args:
        tokens: The training tokens (characters, words, any hashable values).
        max_size: Largest number of entries, specials included; None keeps all.
        specials: Entries such as `"<pad>"` or `"<unk>"`. With `"<unk>"`, tokens
            outside the vocabulary get its id; without it they are an error.

    Example:
        >>> v = Vocabulary("banana")
        >>> v.encode("nab").tolist(), "".join(v.decode([2, 0, 1]))
        ([2, 0, 1], 'nab')
    """

    def __init__(
        self,
        tokens: Iterable[Hashable],
        max_size: int | None = None,
        specials: Sequence[Hashable] = (),
    ):
        counts = Counter(tokens)
        for special in specials:
            counts.pop(special, None)
        if max_size is not None:
            found = [t for t, _ in counts.most_common(max(0, max_size - len(specials)))]
        else:
            try:
                found = sorted(counts)
            except TypeError:
                found = list(counts)
        self.tokens = [*specials, *found]
        self.ids = {token: i for i, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: Hashable) -> bool:
        return token in self.ids

    def encode(self, tokens: Iterable[Hashable]) -> np.ndarray:
        """Return the ids of `tokens` as an int32 array of shape `(len(tokens),)`.

        Raises:
            ValueError: If a token is unknown and the vocabulary has no `"<unk>"`.
        """
        unknown = self.ids.get("<unk>")
        ids = [self.ids.get(token, unknown) for token in tokens]
        if None in ids:
            raise ValueError(
                f"Token number {ids.index(None)} is not among the {len(self)} entries "
                f"of the vocabulary. Build it from a text that has the token, or give "
                f'it specials=["<unk>"].'
            )
        return np.array(ids, dtype="int32")

    def decode(self, ids: Iterable[int]) -> list[Hashable]:
        """Return the tokens of `ids`."""
        return [self.tokens[i] for i in ids]


def windows(
    ids: np.ndarray, length: int, stride: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a long sequence into inputs and next-token targets.

    Args:
        ids: Integer array of shape `(n,)`.
        length: Timesteps per window.
        stride: Distance between the starts of two windows; `length` if None.

    Returns:
        Two arrays of shape `(windows, length)`. `targets[i, t]` is the token that
        follows `inputs[i, t]`. Tokens after the last full window are left out.

    Raises:
        ValueError: If the sequence is too short for one window.

    Example:
        >>> x, y = windows(np.arange(7), 3)
        >>> x.tolist(), y.tolist()
        ([[0, 1, 2], [3, 4, 5]], [[1, 2, 3], [4, 5, 6]])
    """
    ids = np.asarray(ids)
    if len(ids) <= length:
        raise ValueError(
            f"Expected more than {length} tokens (one window and its last target), "
            f"got {len(ids)}. Use a longer text or a smaller length."
        )
    view = np.lib.stride_tricks.sliding_window_view(ids, length + 1)
    view = view[:: stride or length]
    return view[:, :-1].copy(), view[:, 1:].copy()


def pad(
    sequences: Sequence[Sequence[int]], length: int | None = None, value: int = 0
) -> np.ndarray:
    """Put sequences of different lengths into one rectangle.

    The *first* `length` ids of a longer sequence are kept; shorter ones are filled
    with `value` at the end. (Keras's own `pad_sequences` does both at the front.)

    Args:
        sequences: Lists of ids.
        length: Columns of the result; the longest sequence if None.
        value: The padding id.

    Returns:
        int32 array of shape `(len(sequences), length)`.

    Example:
        >>> pad([[1, 2, 3], [4]], length=2).tolist()
        [[1, 2], [4, 0]]
    """
    if length is None:
        length = max((len(s) for s in sequences), default=0)
    out = np.full((len(sequences), length), value, dtype="int32")
    for row, sequence in zip(out, sequences, strict=True):
        kept = sequence[:length]
        row[: len(kept)] = kept
    return out
