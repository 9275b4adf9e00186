"""Interpolated Kneser–Ney in arrays: the bar that every network of the course meets.

Notebook 01 teaches the model with dictionaries and proves this version equal to it.
"""

from collections.abc import Hashable, Sequence

import numpy as np

from utils.text import Vocabulary


class KneserNey:
    """Interpolated Kneser–Ney n-gram model over any hashable tokens.

    Chen & Goodman (1998), equations for `p_KN` and for the discounts
    `D₁, D₂, D₃₊ = 1 − 2Y n₂/n₁, 2 − 3Y n₃/n₂, 3 − 4Y n₄/n₃` with `Y = n₁/(n₁ + 2n₂)`;
    the plain model uses the one discount `Y`. Lowest level: uniform over the
    vocabulary. Where the counts cannot give a discount (tiny data), the fallback
    0.5, 1, 1.5 is used, as KenLM offers it.

    Args:
        order: Longest n-gram; the context has `order − 1` tokens.
        modified: Three discounts (True) or one (False).

    Example:
        >>> model = KneserNey(order=2).fit("abracadabra")
        >>> float(model.distribution("b").sum().round(6))
        1.0
    """

    def __init__(self, order: int = 6, modified: bool = True):
        if order < 1:
            raise ValueError(f"Expected order ≥ 1, got {order}.")
        self.order = order
        self.modified = modified

    def fit(
        self,
        tokens: Sequence[Hashable],
        vocabulary: Sequence[Hashable] | None = None,
    ) -> "KneserNey":
        """Count the n-grams of one long token sequence.

        Args:
            tokens: Training sequence (a string counts as characters).
            vocabulary: Further tokens that may occur later; None: only those of
                the training sequence.

        Returns:
            The model itself.

        Raises:
            ValueError: If the sequence is shorter than the order.
        """
        if len(tokens) < self.order:
            raise ValueError(
                f"Expected at least {self.order} tokens for order {self.order}, "
                f"got {len(tokens)}. Use a longer text or a lower order."
            )
        self.vocabulary = Vocabulary(dict.fromkeys([*tokens, *(vocabulary or [])]))
        size, ids = len(self.vocabulary), self.vocabulary.encode(tokens).astype("int64")
        # Level k numbers the distinct k-grams 0, 1, 2, …; `at[i]` is the number of
        # the k-gram that starts at position i. Level 0 has one (empty) gram.
        at, levels = np.zeros(len(ids) + 1, "int64"), []
        for k in range(1, self.order + 1):
            keys = at[: len(ids) - k + 1] * size + ids[k - 1 :]
            unique, first, inverse, counts = np.unique(
                keys, return_index=True, return_inverse=True, return_counts=True
            )
            levels.append((unique, at[first + 1], counts))
            at = np.append(inverse, 0)
        self.keys, self.p, self.rest, self.discounts = [], [], [], []
        lower = np.array([1.0 / size])
        for k, (keys, suffix, counts) in enumerate(levels, start=1):
            if k < self.order:  # continuation counts: distinct tokens to the left
                counts = np.bincount(levels[k][1], minlength=len(keys))
            context = keys // size
            discount = self._discounts(counts)
            cut = discount[np.minimum(counts, 3)]
            contexts = context[-1] + 1 if k == 1 else len(levels[k - 2][0])
            total = np.bincount(context, counts, minlength=contexts)
            rest = np.ones(contexts)
            np.divide(
                np.bincount(context, cut, minlength=contexts),
                total,
                out=rest,
                where=total > 0,
            )
            own = (counts - cut) / np.maximum(total, 1)[context]
            self.keys.append(keys)
            self.p.append(own + rest[context] * lower[suffix])
            self.rest.append(rest)
            self.discounts.append(discount)
            lower = self.p[-1]
        return self

    def log_prob(
        self, tokens: Sequence[Hashable], context: Sequence[Hashable] = ()
    ) -> np.ndarray:
        """Score a sequence, token by token.

        Args:
            tokens: Tokens to score; each must be in the vocabulary.
            context: Tokens before them (any; unknown ones count as unseen).

        Returns:
            Natural logarithms of the probabilities, shape `(len(tokens),)`. The mean,
            with its sign changed, is the cross-entropy in nats per token.

        Raises:
            ValueError: If a token to score is not in the vocabulary.
        """
        context = list(context)[len(context) - min(len(context), self.order - 1) :]
        known = self.vocabulary.ids
        ids = [known.get(token, -1) for token in [*context, *tokens]]
        if -1 in ids[len(context) :]:
            raise ValueError(
                f"Token number {ids[len(context) :].index(-1)} is not in the model's "
                f"vocabulary of {len(known)}. Give such tokens to fit(…, vocabulary=…) "
                f'or replace them by a token such as "<unk>" in both texts.'
            )
        return np.log(self._probabilities(np.array(ids, "int64"))[len(context) :])

    def distribution(self, context: Sequence[Hashable] = ()) -> np.ndarray:
        """Return p(token | context) for the whole vocabulary, shape `(V,)`."""
        size = len(self.vocabulary)
        tail = list(context)[len(context) - min(len(context), self.order - 1) :]
        ids = [self.vocabulary.ids.get(token, -1) for token in tail]
        rows = np.full((size, len(ids) + 1), ids + [0], dtype="int64")
        rows[:, -1] = np.arange(size)
        # A gap of unknown tokens keeps one row from being the context of the next.
        gap = np.full((size, self.order), -1)
        flat = np.hstack([gap, rows]).ravel()
        return self._probabilities(flat).reshape(size, -1)[:, -1]

    def _probabilities(self, ids: np.ndarray) -> np.ndarray:
        """Probability of every position of `ids`; −1 marks an unknown token."""
        size, n = len(self.vocabulary), len(ids)
        p = np.full(n, 1.0 / size)
        at = np.zeros(n + 1, "int64")  # number of the (k−1)-gram at i, −1 = unseen
        for k in range(1, min(self.order, n) + 1):
            context, token = at[: n - k + 1], ids[k - 1 :]
            keys = np.where((context >= 0) & (token >= 0), context * size + token, -1)
            found = np.searchsorted(self.keys[k - 1], keys)
            found = np.minimum(found, len(self.keys[k - 1]) - 1)
            seen = self.keys[k - 1][found] == keys
            rest = np.where(context >= 0, self.rest[k - 1][context], 1.0)
            p[k - 1 :] = np.where(seen, self.p[k - 1][found], rest * p[k - 1 :])
            at = np.append(np.where(seen, found, -1), -1)
        return p

    def _discounts(self, counts: np.ndarray) -> np.ndarray:
        """Discounts for the counts 0, 1, 2 and 3 or more."""
        n1, n2, n3, n4 = ((counts == j).sum() for j in (1, 2, 3, 4))
        fallback = np.array([0.0, 0.5, 1.0, 1.5])
        if n1 == 0 or n2 == 0:
            return fallback
        y = n1 / (n1 + 2 * n2)
        if not self.modified:
            return np.array([0.0, y, y, y])
        if n3 == 0:
            return fallback
        found = [0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
        valid = all(0 < d <= j for j, d in enumerate(found[1:], start=1))
        return np.array(found) if valid else fallback
