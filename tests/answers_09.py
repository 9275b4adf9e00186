"""Answers to the exercises of notebook 09: usual mistakes, and right ones."""

from collections import Counter
from collections.abc import Callable

import numpy as np

from utils.text import pad


def pairs_by(inputs: Callable, outputs: Callable, padding: Callable = pad) -> Callable:
    """Answer exercise 9.1: what one sentence becomes, and how to pad."""

    def answer(sentences, start, end):
        return [
            padding([inputs(list(s), start, end) for s in sentences]),
            padding([outputs(list(s), start, end) for s in sentences]),
        ]

    return answer


def marked(s, start, end):
    return [start, *s]


def ended(s, start, end):
    return [*s, end]


def pad_in_front(rows):
    longest = max(map(len, rows))
    return np.array([[0] * (longest - len(row)) + row for row in rows])


def end_behind_the_padding(sentences, start, end):
    inside = pad(sentences)
    marks = np.ones((len(inside), 1), int)
    return [np.hstack([start * marks, inside]), np.hstack([inside, end * marks])]


def teacher_pair_by_hand(sentences, start, end):
    shape = len(sentences), 1 + max(map(len, sentences))
    inputs, outputs = np.zeros(shape, int), np.zeros(shape, int)
    for row, sentence in enumerate(sentences):
        inputs[row, 0] = start
        for place, word in enumerate(sentence):
            inputs[row, place + 1] = outputs[row, place] = word
        outputs[row, len(sentence)] = end
    return inputs, outputs


def shifted_whole_rows(sentences, start, end):
    """All marks in one row, then the row without its last or first column."""
    rows = pad([[start, *s, end] for s in sentences])
    inputs = rows[:, :-1].copy()
    inputs[(inputs == end).cumsum(axis=1) > 0] = 0
    return inputs, rows[:, 1:]


def end_mark_in_the_input(sentences, start, end):
    rows = pad([[start, *s, end] for s in sentences])
    return rows[:, :-1], rows[:, 1:]


def softmax(scores, axis=-1):
    weights = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


def weights_without_shift(scores, real):
    weights = np.exp(scores) * real
    return weights / weights.sum(axis=1, keepdims=True)


def weights_by_loops(scores, real):
    out = np.zeros(scores.shape)
    for t, row in enumerate(scores):
        top = max(e for e, r in zip(row, real, strict=True) if r)
        for i in np.flatnonzero(real):
            out[t, i] = np.exp(row[i] - top)
        out[t] /= out[t].sum()
    return out


def shift_by_the_largest_of_all(scores, real):
    """The largest score may be that of padding; then exp is nothing."""
    weights = np.exp(scores - scores.max()) * real
    return weights / weights.sum(axis=1, keepdims=True)


def weights_of_the_real_columns(scores, real):
    out = np.zeros(scores.shape)
    out[:, real] = softmax(scores[:, real])
    return out


def beam(order: Callable, split: Callable = divmod, total=None) -> Callable:
    """Answer exercise 9.3: how to sort, split and report the sums."""

    def answer(totals, log_p, width):
        sums = (totals[:, None] + log_p).ravel()
        flat = log_p.ravel()
        best = order(sums, width)
        shown = sums if total is None else total(sums, flat)
        return [(*split(int(i), log_p.shape[1]), shown[i]) for i in best]

    return answer


def best_first(sums, width):
    return np.argsort(-sums)[:width]


def one_of_each_beginning(totals, log_p, width):
    found = [
        (k, int(row.argmax()), totals[k] + row.max()) for k, row in enumerate(log_p)
    ]
    return sorted(found, key=lambda f: -f[2])[:width]


def words_of_the_best_beginning(totals, log_p, width):
    k = int(totals.argmax())
    best = np.argsort(-log_p[k])[:width]
    return [(k, int(w), totals[k] + log_p[k, w]) for w in best]


def log_p_alone(totals, log_p, width):
    best = np.argsort(-log_p.ravel())[:width]
    flat = (totals[:, None] + log_p).ravel()
    return [(*divmod(int(i), log_p.shape[1]), flat[i]) for i in best]


def beam_by_loops(totals, log_p, width):
    found = [
        (k, w, total + log_p[k, w])
        for k, total in enumerate(totals)
        for w in range(log_p.shape[1])
    ]
    found.sort(key=lambda candidate: candidate[2], reverse=True)
    return found[:width]


def runs(tokens, n):
    return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


def share(right, count):
    return right / count if count else 0.0


def precision_without_clipping(candidate, references, n):
    known = {run for reference in references for run in runs(reference, n)}
    ours = runs(candidate, n)
    return share(sum(run in known for run in ours), len(ours))


def precision_with(
    merge: Callable, count: Callable = lambda ours: ours.total()
) -> Callable:
    """Answer exercise 9.5 with another way to join the references' counts."""

    def answer(candidate, references, n):
        ours, most = Counter(runs(candidate, n)), Counter()
        for reference in references:
            most = merge(most, Counter(runs(reference, n)))
        return share((ours & most).total(), count(ours))

    return answer


def precision_of_sets(candidate, references, n):
    ours = set(runs(candidate, n))
    known = {run for reference in references for run in runs(reference, n)}
    return share(len(ours & known), len(ours))


def recall(candidate, references, n):
    ours, theirs = Counter(runs(candidate, n)), Counter(runs(references[0], n))
    return share((ours & theirs).total(), theirs.total())


def precision_of_single_words(candidate, references, n):
    return precision_with(lambda a, b: a | b)(candidate, references, 1)


def precision_by_counting(candidate, references, n):
    ours = runs(candidate, n)
    right = sum(
        min(ours.count(run), max(runs(r, n).count(run) for r in references))
        for run in set(ours)
    )
    return right / max(len(ours), 1)


def precision_by_crossing_out(candidate, references, n):
    """Each run may be used once more as long as one reference still has it."""
    ours, used, right = runs(candidate, n), Counter(), 0
    for run in ours:
        used[run] += 1
        right += any(runs(r, n).count(run) >= used[run] for r in references)
    return float(np.divide(right, len(ours))) if ours else 0.0


WRONG = {
    "9.1": {
        "input and output exchanged": pairs_by(ended, marked),
        "output not moved": pairs_by(marked, marked),
        "no start mark": pairs_by(lambda s, a, b: [*s, 0], ended),
        "no end mark": pairs_by(marked, lambda s, a, b: [*s, 0]),
        "the last word is lost": pairs_by(
            lambda s, a, b: [a, *s[:-1]], lambda s, a, b: [*s[:-1], b]
        ),
        "moved by two": pairs_by(marked, lambda s, a, b: [*s[1:], b, 0]),
        "the end mark in the input too": end_mark_in_the_input,
        "the end mark behind the padding": end_behind_the_padding,
        "padded in front": pairs_by(marked, ended, pad_in_front),
        "both marks in both": pairs_by(
            lambda s, a, b: [a, *s, b], lambda s, a, b: [a, *s, b]
        ),
        "start and end exchanged": pairs_by(
            lambda s, a, b: [b, *s], lambda s, a, b: [*s, a]
        ),
    },
    "9.2": {
        "no mask": lambda scores, real: softmax(scores),
        "zero after the softmax": lambda scores, real: softmax(scores) * real,
        "scores times the mask": lambda scores, real: softmax(scores * real),
        "the mask turned around": lambda scores, real: (
            weights_by_loops(scores, ~real) if not real.all() else softmax(scores)
        ),
        "exp overflows": weights_without_shift,
        "along the targets": lambda scores, real: softmax(
            np.where(real, scores, -np.inf), axis=0
        ),
        "shares of the scores": lambda scores, real: (
            scores * real / (scores * real).sum(axis=1, keepdims=True)
        ),
        "divided by all": lambda scores, real: (
            np.exp(scores - scores.max(axis=1, keepdims=True)) * real / real.sum()
        ),
        "minus one for padding": lambda scores, real: softmax(
            np.where(real, scores, -1.0)
        ),
        "the same for all": lambda scores, real: np.tile(
            real / real.sum(), (len(scores), 1)
        ),
    },
    "9.3": {
        "worst first": beam(lambda s, k: np.argsort(s)[:k]),
        "the best, worst first": beam(lambda s, k: np.argsort(s)[-k:]),
        "all continuations": beam(lambda s, k: np.argsort(-s)),
        "the word first": beam(best_first, lambda i, V: divmod(i, V)[::-1]),
        "log P of the word as total": beam(best_first, total=lambda s, flat: flat),
        "one of each beginning": one_of_each_beginning,
        "only the best beginning": words_of_the_best_beginning,
        "chosen by the word alone": log_p_alone,
        "in the order of the places": beam(lambda s, k: sorted(best_first(s, k))),
        "probabilities are added": beam(
            best_first, total=lambda s, flat: np.exp(s) + flat
        ),
    },
    "9.4": {
        "always the sum": lambda p, n, power: int(np.argmax(p)),
        "always the mean": lambda p, n, power: int(np.argmax(p / n)),
        "the lowest": lambda p, n, power: int(np.argmin(p / n**power)),
        "times the length": lambda p, n, power: int(np.argmax(p * n**power)),
        "the longest": lambda p, n, power: int(np.argmax(n)),
        "the shortest": lambda p, n, power: int(np.argmin(n)),
        "times the power": lambda p, n, power: int(np.argmax(p / (n * max(power, 1)))),
        "the score, not its place": lambda p, n, power: float(np.max(p / n**power)),
        "the largest size": lambda p, n, power: int(np.argmax(abs(p) / n**power)),
        "counted from one": lambda p, n, power: int(np.argmax(p / n**power)) + 1,
    },
    "9.5": {
        "not clipped": precision_without_clipping,
        "sets": precision_of_sets,
        "counts of all references added": precision_with(lambda a, b: a + b),
        "the smallest count": precision_with(lambda a, b: a & b if a else b),
        "only the last reference": precision_with(lambda a, b: b),
        "recall": recall,
        "single words": precision_of_single_words,
        "divided by the different runs": precision_with(lambda a, b: a | b, len),
        "a count": lambda candidate, references, n: (
            precision_by_counting(candidate, references, n) * len(runs(candidate, n))
        ),
        "one run too few": lambda candidate, references, n: precision_by_counting(
            candidate[:-1], references, n
        ),
    },
}

RIGHT = {
    "9.1": {
        "place by place": teacher_pair_by_hand,
        "whole rows": shifted_whole_rows,
    },
    "9.2": {
        "loops": weights_by_loops,
        "only the real columns": weights_of_the_real_columns,
    },
    "9.3": {"loops": beam_by_loops},
    "9.4": {
        "the smallest positive": lambda p, n, power: int(np.argmin(-p / n**power)),
        "max with a key": lambda p, n, power: max(
            range(len(p)), key=lambda i: p[i] / n[i] ** power
        ),
    },
    "9.5": {
        "counting": precision_by_counting,
        "crossing out": precision_by_crossing_out,
    },
}
