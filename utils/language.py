"""Character language models on networks: richer inputs, training windows, scores."""

from collections.abc import Iterator

import numpy as np
from scipy.special import log_softmax

from utils.numeric import expect_shape


class NGramIds:
    """Ids of the last 1, 2 … `order` characters at each place of a text.

    A network that gets these ids, each with its own embedding, starts with what an
    n-gram model counts. All orders share one table of ids. Id 0 stands for every
    n-gram that the training text has fewer than `at_least` times.

    Args:
        ids: The training text as character ids, shape `(characters,)`.
        order: The longest n-gram.
        at_least: How often an n-gram must occur to get an id of its own.

    Raises:
        ValueError: If `ids` is not one row of numbers, or `order` is below 1.

    Example:
        >>> ngrams = NGramIds(np.array([0, 1, 0, 1, 0, 1]), order=2, at_least=2)
        >>> ngrams.encode(np.array([0, 1]))
        array([[1, 0],
               [2, 3]], dtype=int32)
    """

    def __init__(self, ids: np.ndarray, order: int = 3, at_least: int = 5) -> None:
        expect_shape("ids", ids, None)
        if order < 1:
            raise ValueError(f"Expected an order of at least 1, got {order}.")
        self.characters = int(ids.max()) + 2  # the last one: every unseen character
        self.order = order
        self.known = []
        for n in range(1, order + 1):
            codes, counts = np.unique(self._codes(ids, n)[n - 1 :], return_counts=True)
            self.known.append(codes[counts >= at_least])

    def __len__(self) -> int:
        """The number of ids, for the size of an embedding."""
        return 1 + sum(len(codes) for codes in self.known)

    def encode(self, ids: np.ndarray) -> np.ndarray:
        """Return int32 ids of shape `(characters, order)`.

        The first characters have no full n-gram; what is missing counts as id 0.
        """
        expect_shape("ids", ids, None)
        result, first = np.zeros((len(ids), self.order), "int32"), 1
        for n, known in enumerate(self.known, start=1):
            codes = self._codes(ids, n)
            place, found = np.searchsorted(known, codes), np.isin(codes, known)
            found[: n - 1] = False
            result[:, n - 1] = np.where(found, first + place, 0)
            first += len(known)
        return result

    def _codes(self, ids: np.ndarray, n: int) -> np.ndarray:
        """One number for the n characters that end at each place."""
        ids = np.minimum(ids, self.characters - 1).astype("int64")
        codes = np.zeros_like(ids)
        for back in range(min(n, len(ids))):
            codes[back:] += ids[: len(ids) - back] * self.characters**back
        return codes


def random_windows(
    inputs: np.ndarray, targets: np.ndarray, batch: int, length: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield batches of windows at random places, without end.

    Args:
        inputs: Shape `(characters, …)`.
        targets: Shape `(characters,)`: what to predict at each place.
        batch: Windows in a batch.
        length: Characters in a window.
        seed: Decides the places.

    Yields:
        Inputs `(batch, length, …)` and targets `(batch, length)`.

    Raises:
        ValueError: If the text is shorter than a window, or the lengths differ.
    """
    expect_shape("targets", targets, len(inputs))
    if len(targets) < length:
        raise ValueError(
            f"Expected a text of at least {length} characters, got {len(targets)}. "
            f"Use a longer text or shorter windows."
        )
    rng, steps = np.random.default_rng(seed), np.arange(length)
    while True:
        rows = rng.integers(0, len(targets) - length + 1, batch)[:, None] + steps
        yield inputs[rows], targets[rows]


def network_log_prob(
    model, inputs: np.ndarray, targets: np.ndarray, warm: int = 64, length: int = 256
) -> np.ndarray:
    """Return log P of every target but the first `warm`, each one once.

    The text is cut into rows. Each row first reads the `warm` characters before it, so
    that the state of a recurrent network is warm (as in notebook 02).

    Args:
        model: A Keras model of logits, `(batch, steps, …)` → `(batch, steps, V)`.
        inputs: Shape `(warm + characters, …)`.
        targets: Shape `(warm + characters,)`.
        warm: Characters that are read and not scored.
        length: Characters that each row scores.

    Returns:
        Natural logarithms, shape `(characters,)`.

    Raises:
        ValueError: If the text is too short, or the lengths differ.
    """
    expect_shape("targets", targets, len(inputs))
    count = len(targets) - warm
    if count < length:
        raise ValueError(
            f"Expected at least {warm + length} characters (warm + length), got "
            f"{len(targets)}. Use a longer text or smaller rows."
        )
    starts = np.append(np.arange(0, count - length, length), count - length)
    rows = starts[:, None] + np.arange(warm + length)
    logits = model.predict(inputs[rows], batch_size=64, verbose=0)[:, warm:]
    wanted = targets[rows][:, warm:, None]
    log_p = np.take_along_axis(log_softmax(logits, axis=-1), wanted, axis=-1)[..., 0]
    rest = count - length * (len(starts) - 1)  # the last row overlaps
    return np.concatenate([log_p[:-1].ravel(), log_p[-1, -rest:]])
