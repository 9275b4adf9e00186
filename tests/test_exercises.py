"""Every check of every exercise: wrong answers fail, right ones pass.

A new exercise needs an entry in WRONG (at least three mistakes that people really
make) and in RIGHT (at least one right answer, written in another way than the
notebook's solution). From notebook 09 on, they stand in a file for each notebook,
`answers_NN.py`.
"""

import ast
import importlib
import math
import statistics
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from notebook_cells import (
    EXERCISE_PARTS,
    NOTEBOOKS,
    code_cells,
    exercise_cell,
    exercise_ids,
    function_in,
    load,
    tags,
)
from scipy.stats import t as student_t

from utils import exercises
from utils.numeric import numerical_gradient, relative_error

EXERCISES = {e: path for path in NOTEBOOKS for e in exercise_ids(load(path))}


def forgets_return(*args):
    answer = args  # noqa: F841


# Answers that know nothing of the question. They are tried on every exercise.
EMPTY_ANSWERS = {
    "forgets return": forgets_return,
    "always 0": lambda *args: 0,
    "always 0.0": lambda *args: 0.0,
    "always 1": lambda *args: 1,
    "zeros like the first argument": lambda *args: np.zeros(np.shape(args[0])),
    "the first argument unchanged": lambda *args: args[0],
    "the last argument unchanged": lambda *args: args[-1],
    "not a number": lambda *args: float("nan"),
    "an empty list": lambda *args: [],
    "a text": lambda *args: "the answer",
    "True": lambda *args: True,
    "an error": lambda *args: 1 / 0,
}


def left_neighbours(tokens: list, token: str) -> list:
    return [a for a, b in zip(tokens, tokens[1:], strict=False) if b == token]


def count_start_too(tokens, token):
    padded = [None, *tokens]
    return len(set(left_neighbours(padded, token)))


def wraps_around(tokens, token):
    return len({tokens[i - 1] for i in range(len(tokens)) if tokens[i] == token})


def set_of_list_index(tokens, token):
    """Looks at the first place only."""
    return 1 if token in tokens[1:] else 0


def forward_by_loops(alpha, A, emission):
    out = []
    for j in range(len(A)):
        arrive = sum(alpha[i] * A[i][j] for i in range(len(A)))
        out.append(float(arrive * emission[j]))
    return out


def rnn_parameters_with_two_biases(u, f, o):
    return u * (u + f + 2) + (u + 1) * o


def accuracy_mean_of_rows(true, predicted, mask):
    return np.mean(
        [np.mean((t == p)[m]) for t, p, m in zip(true, predicted, mask, strict=True)]
    )


def accuracy_by_loops(true, predicted, mask):
    right = count = 0
    for i, j in zip(*np.nonzero(mask), strict=True):
        right += true[i, j] == predicted[i, j]
        count += 1
    return right / count


def step_changes_state_in_place(x_t, h_prev, W_xh, W_hh, b):
    h_prev *= 0
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b)


def step_by_loops(x_t, h_prev, W_xh, W_hh, b):
    h = []
    for j in range(len(b)):
        total = b[j] + sum(x_t[i] * W_xh[i, j] for i in range(len(x_t)))
        h.append(np.tanh(total + sum(h_prev[i] * W_hh[i, j] for i in range(len(b)))))
    return h


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def clip_by_norm(gradients, threshold, norm):
    return [g * min(1, threshold / norm) if norm else g for g in gradients]


def clip_each_alone(gradients, threshold):
    return [clip_by_norm([g], threshold, np.linalg.norm(g))[0] for g in gradients]


def total_norm(gradients):
    return np.sqrt(sum(np.sum(g**2) for g in gradients))


def clip_as_one_vector(gradients, threshold):
    flat = np.concatenate([np.ravel(g) for g in gradients])
    flat = flat / max(1, np.linalg.norm(flat) / threshold)
    parts = np.split(flat, np.cumsum([g.size for g in gradients])[:-1])
    return tuple(p.reshape(g.shape) for p, g in zip(parts, gradients, strict=True))


def step_back_by_loops(dh, h, h_prev, W):
    units = len(h)
    dW, dh_prev = np.zeros((units, units)), [0.0] * units
    for i in range(units):
        for j in range(units):
            da = dh[j] * (1 - h[j] * h[j])
            dW[i, j] = h_prev[i] * da
            dh_prev[i] += W[i, j] * da
    return [dW.tolist(), dh_prev]


def differences(loss, W, step=1e-5):
    return numerical_gradient(lambda: loss(W), W, step)


def one_sided(loss, W, step):
    gradient = np.zeros_like(W)
    for place in np.ndindex(*W.shape):
        moved = W.copy()
        moved[place] += step
        gradient[place] = (loss(moved) - loss(W)) / step
    return gradient


def agree(a, b):
    return bool(relative_error(a, b) < 1e-5)


def judge(part: Callable) -> Callable:
    """A judge that compares only a part of the two gradients."""
    return lambda loss, gradient, W: agree(
        part(gradient(W)), part(differences(loss, W))
    )


def judge_by_error(largest: float, error: Callable) -> Callable:
    """A judge with another measure of the error."""
    return lambda loss, gradient, W: bool(
        error(gradient(W), differences(loss, W)) < largest
    )


def judge_along_a_line(loss, gradient, W):
    """The slope along one random direction; a wrong gradient has another slope."""
    v = np.random.default_rng(0).normal(size=W.shape)
    slope = (loss(W + 1e-5 * v) - loss(W - 1e-5 * v)) / 2e-5
    size = np.linalg.norm(v) * np.linalg.norm(gradient(W))
    return bool(abs(slope - (v * gradient(W)).sum()) < 1e-5 * size)


def horizon_by_steps(lam, share):
    if lam >= 1:
        return float("inf")
    left, steps = 1.0, 0
    while left > share:
        left, steps = left * lam, steps + 1
    return steps


def horizon_strictly_below(lam, share):
    if lam >= 1:
        return np.inf
    return next(k for k in range(1, 1000) if lam**k < share)


def horizon_with(rounding: Callable) -> Callable:
    return lambda lam, s: rounding(np.log(s) / np.log(lam)) if lam < 1 else np.inf


def clipped(gradient, threshold):
    return clip_by_norm([gradient], threshold, np.linalg.norm(gradient))[0]


def safe_step_in_place(w, gradient, rate, threshold):
    if np.all(np.isfinite(gradient)):
        w -= rate * clipped(gradient, threshold)
    return w


def step_unless(broken: Callable) -> Callable:
    """A clipped step, skipped by a test of the gradient."""
    return lambda w, g, rate, c: w if broken(g) else w - rate * clipped(g, c)


def back(slope: Callable, after: Callable | None = None) -> Callable:
    """Step back with another slope of tanh, and other results made of `da`."""

    def answer(dh, h, h_prev, W):
        da = dh * slope(h, h_prev)
        return after(da, h, h_prev, W) if after else (np.outer(h_prev, da), W @ da)

    return answer


def tanh_slope(h, h_prev):
    return 1 - h**2


def by_gates(step: Callable) -> Callable:
    """Answer exercise 4.1 with a function of the four parts and the old cell state."""
    return lambda a, c_prev: step(*np.split(a, 4), c_prev)


def lstm_cell(i, f, g, o, c):
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def hard_cell(i, f, g, o, c):
    i, f, o = (np.clip(a / 5 + 0.5, 0, 1) for a in (i, f, o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c


def in_order(letters: str) -> Callable:
    """Answer exercise 4.1 with another order of the four parts."""

    def answer(a, c_prev):
        parts = dict(zip(letters, np.split(a, 4), strict=True))
        return lstm_cell(*(parts[name] for name in "ifgo"), c_prev)

    return answer


def lstm_cell_by_loops(a, c_prev):
    n, h, c = len(c_prev), [], []
    for k in range(n):
        i, f, o = (sigmoid(a[block * n + k]) for block in (0, 1, 3))
        c.append(f * c_prev[k] + i * np.tanh(a[2 * n + k]))
        h.append(o * np.tanh(c[k]))
    return h, c


def layers_sum(count: Callable) -> Callable:
    """Answer exercise 4.2 with the count of one layer, (units, features) → weights."""
    return lambda features, units: sum(
        count(u, f) for f, u in zip([features, *units], units, strict=False)
    )


def logit(p):
    return np.log(p / (1 - p))


def only_the_last_layer(features, units):
    f, u = [features, *units][-2:] if units else (0, 0)
    return 4 * u * (u + f + 1)


def slope_by_differences(loss: Callable, a: np.ndarray) -> np.ndarray:
    """The derivative of each output for its own input."""
    return (loss(a + 1e-5) - loss(a - 1e-5)) / 2e-5


def reset_gradient_by_differences(d, candidate, r, s, h_prev):
    a_x = np.arctanh(candidate) - r * s
    return slope_by_differences(lambda a: d * np.tanh(a_x + sigmoid(a) * s), logit(r))


def flipped(columns: Callable, which="WUb") -> Callable:
    """Answer exercise 5.5: change the sign of some columns, in some of the arrays."""

    def answer(W, U, b):
        sign = np.where(columns(np.arange(3 * len(U)), len(U)), -1, 1)
        pairs = zip("WUb", (W, U, b), strict=True)
        return tuple(w * sign if name in which else w for name, w in pairs)

    return answer


def one_row_of_b(row):
    def answer(W, U, b):
        n, b = len(U), b.copy()
        b[row, :n] *= -1
        return (*flipped(lambda k, n: k < n, "WU")(W, U, b)[:2], b)

    return answer


def one_minus_z(W, U, b):
    n = len(U)
    return [np.hstack([1 - w[:, :n], w[:, n:]]) for w in (W, U, b)]


def z_and_r_exchanged(W, U, b):
    parts = [np.split(w, 3, axis=1) for w in (W, U, b)]
    return [np.hstack([r, z, h]) for z, r, h in parts]


def features_for_units(W, U, b):
    n = len(W)
    return [np.hstack([-w[:, :n], w[:, n:]]) for w in (W, U, b)]


def z_negated_by_split(W, U, b):
    parts = [np.split(w, 3, axis=1) for w in (W, U, b)]
    return [np.concatenate([-z, r, h], axis=1) for z, r, h in parts]


def most_units(weights: Callable, least=0) -> Callable:
    """Answer exercise 6.1 with a count of weights, (units, features) → weights."""

    def answer(budget, features):
        units = least
        while weights(units + 1, features) <= budget:
            units += 1
        return units

    return answer


def lstm_weights(units, features):
    return 4 * units * (units + features + 1)


def half_width(d, factor=None, ddof=1):
    """Half of an interval: the factor is Student's, if none is given."""
    factor = student_t.ppf(0.975, len(d) - 1) if factor is None else factor
    return factor * np.std(d, ddof=ddof) / np.sqrt(len(d))


def paired(half: Callable) -> Callable:
    """Answer exercise 6.2 with another half width of the differences."""
    return lambda a, b: (np.mean(np.subtract(a, b)), half(np.subtract(a, b)))


def unpaired_interval(a, b):
    both = np.hypot(half_width(a), half_width(b))
    return np.mean(a) - np.mean(b), both


def first_time(reached: Callable, never=np.inf) -> Callable:
    """Answer exercise 6.3 with another test (score, target, higher_is_better)."""

    def answer(target, scores, updates, milliseconds, higher):
        for score, count in zip(scores, updates, strict=True):
            if reached(score, target, higher):
                return count * milliseconds / 1000
        return never

    return answer


def good_enough(score, target, higher):
    return score >= target if higher else score <= target


def seconds_by_argmax(target, scores, updates, milliseconds, higher):
    """Place 0 is taken for "never"."""
    good = [good_enough(score, target, higher) for score in scores]
    place = int(np.argmax(good))
    return updates[place] * milliseconds / 1000 if place else np.inf


def seconds_by_the_last_rise(target, scores, updates, milliseconds, higher):
    """The score must stay good until the end."""
    good = [good_enough(score, target, higher) for score in scores]
    stay = [count for i, count in enumerate(updates) if all(good[i:])]
    return stay[0] * milliseconds / 1000 if stay else np.inf


def seconds_to_the_best(target, scores, updates, milliseconds, higher):
    best = int((np.argmax if higher else np.argmin)(scores))
    if not good_enough(scores[best], target, higher):
        return np.inf
    return updates[best] * milliseconds / 1000


def seconds_with_running_totals(target, scores, updates, milliseconds, higher):
    totals = np.cumsum(updates)
    return first_time(good_enough)(target, scores, totals, milliseconds, higher)


def steps_up(mask):
    return bool((~mask[:, :-1] & mask[:, 1:]).any())


def chunks(lengths, batch):
    return [lengths[i : i + batch] for i in range(0, len(lengths), batch)]


def share_of_padding(parts):
    steps = sum(max(part) * len(part) for part in parts)
    return 1 - sum(map(sum, parts)) / steps


def reversed_with(new_length: Callable) -> Callable:
    """Answer exercise 7.1 with another length, (row, its length, all) → length."""

    def answer(rows, lengths):
        turned = rows.copy()
        for row, new, length in zip(rows, turned, lengths, strict=True):
            length = new_length(row, length, lengths)
            new[:length] = row[:length][::-1]
        return turned

    return answer


def reversed_with_zeros(rows, lengths):
    turned = np.zeros_like(rows)
    for row, new, length in zip(rows, turned, lengths, strict=True):
        new[:length] = row[:length][::-1]
    return turned


def reversed_by_places(rows, lengths):
    t, n = np.arange(rows.shape[1]), np.reshape(lengths, (-1, 1))
    return np.take_along_axis(rows, np.where(t < n, n - 1 - t, t), axis=1)


def halves(forward: Callable, backward: Callable) -> Callable:
    """Answer exercise 7.2 with another place for each reader: length → place."""

    def answer(states, length):
        right, left = np.split(states, 2, axis=1)
        return np.concatenate([right[forward(length)], left[backward(length)]])

    return answer


def counted(truth, guess):
    """Hits, found, there over all sentences."""
    hits = sum(len(a & b) for a, b in zip(truth, guess, strict=True))
    return hits, sum(map(len, guess)), sum(map(len, truth))


def f1_of(hits, found, there):
    return 2 * hits / (found + there) if found + there else 1.0


def score_of(formula: Callable) -> Callable:
    """Answer exercise 7.3 with another formula of hits, found, there."""
    return lambda truth, guess: formula(*counted(truth, guess))


def without(part: slice) -> Callable:
    """Answer exercise 7.3 with a part of each entity only."""

    def answer(truth, guess):
        rows = ([{e[part] for e in row} for row in rows] for rows in (truth, guess))
        return f1_of(*counted(*rows))

    return answer


def f1_by_types(truth, guess):
    types = {kind for row in truth for _, _, kind in row}
    scores = [
        f1_of(
            *counted(
                *([{e for e in row if e[2] == t} for row in r] for r in (truth, guess))
            )
        )
        for t in types
    ]
    return np.mean(scores) if scores else 1.0


def f1_by_words(truth, guess):
    def words(rows):
        return [{(t, k) for a, b, k in row for t in range(a, b)} for row in rows]

    return f1_of(*counted(words(truth), words(guess)))


def f1_by_rates(truth, guess):
    hits, found, there = counted(truth, guess)
    if not found and not there:
        return 1.0
    precision, recall = hits / max(found, 1), hits / max(there, 1)
    both = precision + recall
    return 2 * precision * recall / both if both else 0.0


def f1_with_sentence_numbers(truth, guess):
    there = {(i, *e) for i, row in enumerate(truth) for e in row}
    found = {(i, *e) for i, row in enumerate(guess) for e in row}
    return len(there & found) / ((len(there) + len(found)) / 2) if there | found else 1


def causal_if(
    still: Callable,
    places: Callable = range,
    change: Callable = lambda v: v + 1,
) -> Callable:
    """Answer exercise 7.5 with other outputs, (moves, t) → True if nothing leaks."""

    def answer(model, x):
        before = model(x)
        for t in places(len(x)):
            changed = x.copy()
            changed[t] = change(x[t])
            if not still(model(changed) - before, t):
                return False
        return True

    return answer


def nothing_before(moves, t):
    return (abs(moves[:t]) <= 1e-9).all()


def causal_in_place(model, x):
    before = model(x)
    for t in range(len(x)):
        x[t] += 1
        if not nothing_before(model(x) - before, t):
            return False
    return True


def causal_by_allclose(model, x):
    return all(
        np.allclose(model(x + step)[:t], model(x)[:t])
        for t, step in enumerate(np.eye(len(x)))
    )


def ends_by_scipy(d):
    """The two ends of the interval, the upper one first."""
    error = np.std(d, ddof=1) / np.sqrt(len(d))
    low, high = student_t.interval(0.95, len(d) - 1, loc=np.mean(d), scale=error)
    return (high, low) if error else (np.mean(d), np.mean(d))


def most_similar_by(score: Callable, itself: bool = False) -> Callable:
    """Answer exercise 8.2 with another score of two vectors, the highest first."""

    def answer(E, word, k):
        scores = [score(e, E[word]) for e in E]
        order = [i for i in np.argsort(-np.array(scores)) if itself or i != word]
        return order[:k]

    return answer


def cosine_of(u, v):
    return u @ v / np.linalg.norm(u) / np.linalg.norm(v)


def analogy_by(total: Callable, excluded: str = "abc") -> Callable:
    """Answer exercise 8.3 with another sum, or with fewer words excluded."""

    def answer(E, a, b, c):
        scores = E @ total(E[a], E[b], E[c])
        scores[
            [i for name, i in zip("abc", (a, b, c), strict=True) if name in excluded]
        ] = -9
        return int(scores.argmax())

    return answer


def table_gradient_by_loop(ids, G, rows):
    gradient = [[0.0] * G.shape[1] for _ in range(rows)]
    for word, g in zip(ids, G, strict=True):
        gradient[word] = [x + y for x, y in zip(gradient[word], g, strict=True)]
    return gradient


def table_gradient_written_once(ids, G, rows):
    gradient = np.zeros((rows, G.shape[1]))
    gradient[ids] += G
    return gradient


def table_gradient_mean(ids, G, rows):
    times = np.maximum(np.bincount(ids, minlength=rows), 1)
    return np.eye(rows)[ids].T @ G / times[:, None]


def share_by_covariance(points, k):
    sizes = np.sort(np.linalg.eigvalsh(np.cov(points.T)))[::-1]
    return sizes[:k].sum() / sizes.sum()


def shown(power=2, centre=lambda p: p - p.mean(axis=0), first=lambda s, k: s[:k]):
    """Answer exercise 8.5 with another power, centre, or choice of directions."""

    def answer(points, k):
        sizes = np.linalg.svd(centre(points), compute_uv=False) ** power
        return first(sizes, k).sum() / sizes.sum()

    return answer


WRONG: dict[str, dict[str, Callable]] = {
    "1.1": {
        "the reciprocal (E01)": lambda p: np.exp(np.mean(np.log(p))),
        "arithmetic mean of 1/p": lambda p: np.mean(1 / p),
        "reciprocal of the mean": lambda p: 1 / np.mean(p),
        "the product underflows": lambda p: np.prod(p) ** (-1 / len(p)),
        "sum, not mean": lambda p: np.exp(min(-np.sum(np.log(p)), 700)),
        "2 to the power of nats": lambda p: 2 ** -np.mean(np.log(p)),
        "e to the power of bits": lambda p: np.exp(-np.mean(np.log2(p))),
        "the cross-entropy, no exponential": lambda p: -np.mean(np.log(p)),
        "entropy of the numbers": lambda p: np.exp(-np.sum(p * np.log(p))),
        "mean over n − 1": lambda p: np.exp(-np.sum(np.log(p)) / (len(p) - 1)),
        "the number of tokens": lambda p: float(len(p)),
    },
    "1.2": {
        "k only above": lambda c, n, k, V: (c + k) / n,
        "k only below": lambda c, n, k, V: c / (n + k * V),
        "forgets V": lambda c, n, k, V: (c + k) / (n + k),
        "V without k": lambda c, n, k, V: (c + k) / (n + V),
        "always k = 1": lambda c, n, k, V: (c + 1) / (n + V),
        "the plain count": lambda c, n, k, V: c / n,
        "counts exchanged": lambda c, n, k, V: (n + k) / (c + k * V),
        "k and V exchanged": lambda c, n, k, V: (c + V) / (n + k * V),
        "V added": lambda c, n, k, V: (c + k) / (n + k + V),
        "k / V above": lambda c, n, k, V: (c + k / V) / (n + k),
        "no brackets": lambda c, n, k, V: c + k / n + k * V,
        "the logarithm": lambda c, n, k, V: np.log((c + k) / (n + k * V)),
    },
    "1.3": {
        "how often, not after how many": lambda t, w: t.count(w),
        "left neighbours with repetition": lambda t, w: len(left_neighbours(t, w)),
        "right neighbours": lambda t, w: len(set(left_neighbours(t[::-1], w))),
        "the last pair is left out": lambda t, w: len(set(left_neighbours(t[:-1], w))),
        "the first pair is left out": lambda t, w: len(set(left_neighbours(t[1:], w))),
        "counts the start as a neighbour": count_start_too,
        "the first token follows the last": wraps_around,
        "only whether it was seen": set_of_list_index,
        "never less than 1": lambda t, w: max(1, len(set(left_neighbours(t, w)))),
        "the set, not its size": lambda t, w: set(left_neighbours(t, w)),
        "number of different tokens": lambda t, w: len(set(t)),
        "both neighbours": lambda t, w: len(
            set(left_neighbours(t, w)) | set(left_neighbours(t[::-1], w))
        ),
    },
    "1.4": {
        "A the wrong way round": lambda a, A, e: (A @ a) * e,
        "no emission": lambda a, A, e: a @ A,
        "no move": lambda a, A, e: a * e,
        "adds the emission": lambda a, A, e: a @ A + e,
        "maximum, as in Viterbi": lambda a, A, e: (a[:, None] * A).max(axis=0) * e,
        "normalises": lambda a, A, e: (a @ A) * e / ((a @ A) * e).sum(),
        "emits before it moves": lambda a, A, e: (a * e) @ A,
        "one number": lambda a, A, e: (a @ A) @ e,
        "a table": lambda a, A, e: a[:, None] * A * e,
        "logarithms": lambda a, A, e: np.log((a @ A) * e),
        "mean over the states": lambda a, A, e: (a[:, None] * A).mean(axis=0) * e,
    },
    "1.5": {
        "isnan": lambda lp: np.mean(np.isnan(lp)),
        "how many, not which share": lambda lp: np.isinf(lp).sum(),
        "the share of the possible": lambda lp: np.mean(np.isfinite(lp)),
        "very improbable counts too": lambda lp: np.mean(lp < -700),
        "exp underflows": lambda lp: np.mean(np.exp(lp) == 0),
        "compares the logarithm with 0": lambda lp: np.mean(lp == 0),
        "any": lambda lp: float(np.isneginf(lp).any()),
        "all": lambda lp: float(np.isneginf(lp).all()),
        "+inf instead of −inf": lambda lp: np.mean(np.isposinf(lp)),
        "the mean itself": lambda lp: np.mean(lp),
        "per possible token": lambda lp: (
            np.isneginf(lp).sum() / max(1, np.isfinite(lp).sum())
        ),
    },
    "2.1": {
        "no biases": lambda u, f, o: u * (u + f) + u * o,
        "no bias in the RNN": lambda u, f, o: u * (u + f) + (u + 1) * o,
        "no bias in the output": lambda u, f, o: u * (u + f + 1) + u * o,
        "no recurrent matrix": lambda u, f, o: u * (f + 1) + (u + 1) * o,
        "no output layer": lambda u, f, o: u * (u + f + 1),
        "only the output layer": lambda u, f, o: (u + 1) * o,
        "units and features exchanged": lambda u, f, o: f * (u + f + 1) + (f + 1) * o,
        "the output sees the features": lambda u, f, o: u * (u + f + 1) + (f + 1) * o,
        "two biases, as in PyTorch": rnn_parameters_with_two_biases,
        "one bias for the whole layer": lambda u, f, o: u * (u + f) + 1 + u * o + 1,
        "four gates, as in an LSTM": lambda u, f, o: 4 * u * (u + f + 1) + (u + 1) * o,
        "recurrent diagonal": lambda u, f, o: u + u * f + u + (u + 1) * o,
    },
    "2.2": {
        "no tanh": lambda x, h, W, U, b: x @ W + h @ U + b,
        "no bias": lambda x, h, W, U, b: np.tanh(x @ W + h @ U),
        "no state": lambda x, h, W, U, b: np.tanh(x @ W + b),
        "no input": lambda x, h, W, U, b: np.tanh(h @ U + b),
        "the state is not multiplied": lambda x, h, W, U, b: np.tanh(x @ W + h + b),
        "W_hh the wrong way round": lambda x, h, W, U, b: np.tanh(x @ W + U @ h + b),
        "minus the state": lambda x, h, W, U, b: np.tanh(x @ W - h @ U + b),
        "bias outside": lambda x, h, W, U, b: np.tanh(x @ W + h @ U) + b,
        "two tanh": lambda x, h, W, U, b: np.tanh(x @ W + b) + np.tanh(h @ U),
        "sigmoid": lambda x, h, W, U, b: sigmoid(x @ W + h @ U + b),
        "relu": lambda x, h, W, U, b: np.maximum(0, x @ W + h @ U + b),
        "elementwise input": lambda x, h, W, U, b: np.tanh(x * W + h @ U + b),
        "overwrites the state": step_changes_state_in_place,
        "the state of before": lambda x, h, W, U, b: h,
    },
    "2.3": {
        "forgets −1": lambda h: np.mean(h > np.sqrt(0.99)),
        "how many, not which share": lambda h: np.sum(1 - h**2 < 0.01),
        "1 − |h|": lambda h: np.mean(1 - abs(h) < 0.01),
        "h², not 1 − h²": lambda h: np.mean(h**2 < 0.01),
        "1 − h without the square": lambda h: np.mean(1 - h < 0.01),
        "the share that still learns": lambda h: np.mean(1 - h**2 >= 0.01),
        "a limit of 0.1": lambda h: np.mean(1 - h**2 < 0.1),
        "a limit of 0.001": lambda h: np.mean(1 - h**2 < 0.001),
        "only exactly ±1": lambda h: np.mean(abs(h) == 1),
        "rounded to 0.99": lambda h: np.mean(abs(h) > 0.99),
        "mean gradient": lambda h: np.mean(1 - h**2),
        "tanh once more": lambda h: np.mean(1 - np.tanh(h) ** 2 < 0.01),
    },
    "2.4": {
        "ignores the mask": lambda t, p, m: np.mean(t == p),
        "only the padding": lambda t, p, m: np.mean((t == p)[~m]),
        "padding counts as wrong": lambda t, p, m: np.mean((t == p) * m),
        "padding counts as right": lambda t, p, m: np.mean(t * m == p * m),
        "mean of the rows": accuracy_mean_of_rows,
        "the share of errors": lambda t, p, m: np.mean((t != p)[m]),
        "how many, not which share": lambda t, p, m: (t == p)[m].sum(),
        "only words with tag 1": lambda t, p, m: np.mean((t == p)[m & (t == 1)]),
        "the first row": lambda t, p, m: np.mean((t == p)[0][m[0]]),
        "one result per row": lambda t, p, m: ((t == p) * m).sum(1) / m.sum(1),
        "only the last real word": lambda t, p, m: np.mean(
            [(t == p)[i, m[i].sum() - 1] for i in range(len(t))]
        ),
        "share of predictions that are 1": lambda t, p, m: np.mean(p[m]),
    },
    "2.5": {
        "draws from another generator": lambda rng, r, c: np.random.normal(
            0, 1 / np.sqrt(r), (r, c)
        ),
        "from 0 to 1, the error itself": lambda rng, r, c: rng.random((r, c)),
        "standard normal": lambda rng, r, c: rng.normal(size=(r, c)),
        "1 / rows": lambda rng, r, c: rng.normal(0, 1 / r, (r, c)),
        "1 / √columns": lambda rng, r, c: rng.normal(0, 1 / np.sqrt(c), (r, c)),
        "√rows": lambda rng, r, c: rng.normal(0, np.sqrt(r), (r, c)),
        "the shape the wrong way round": lambda rng, r, c: rng.normal(
            0, 1 / np.sqrt(r), (c, r)
        ),
        "uniform up to 1 / √rows": lambda rng, r, c: rng.uniform(
            -1 / np.sqrt(r), 1 / np.sqrt(r), (r, c)
        ),
        "positive": lambda rng, r, c: abs(rng.normal(0, 1 / np.sqrt(r), (r, c))),
        "scaled, but not centred": lambda rng, r, c: rng.random((r, c)) / np.sqrt(r),
        "mean and deviation exchanged": lambda rng, r, c: rng.normal(
            1 / np.sqrt(r), 0, (r, c)
        ),
        "√(2 / rows), for relu": lambda rng, r, c: rng.normal(
            0, np.sqrt(2 / r), (r, c)
        ),
        "zeros": lambda rng, r, c: np.zeros((r, c)),
        "one constant": lambda rng, r, c: np.full((r, c), 1 / np.sqrt(r)),
        "one number": lambda rng, r, c: rng.normal(0, 1 / np.sqrt(r)),
    },
    "3.1": {
        "each array alone (clipnorm)": clip_each_alone,
        "each number alone (clipvalue)": lambda g, c: [np.clip(a, -c, c) for a in g],
        "not clipped at all": lambda g, c: g,
        "short ones grow": lambda g, c: [a * c / (total_norm(g) or 1) for a in g],
        "zero divided by zero": lambda g, c: [
            a / total_norm(g) * min(c, total_norm(g)) for a in g
        ],
        "a threshold of 1 always": lambda g, c: clip_by_norm(g, 1, total_norm(g)),
        "no square root": lambda g, c: clip_by_norm(g, c, total_norm(g) ** 2),
        "sum of sizes, not of squares": lambda g, c: clip_by_norm(
            g, c, sum(abs(a).sum() for a in g)
        ),
        "the norms are added": lambda g, c: clip_by_norm(
            g, c, sum(np.linalg.norm(a) for a in g)
        ),
        "the longest array": lambda g, c: clip_by_norm(
            g, c, max(np.linalg.norm(a) for a in g)
        ),
        "the first array": lambda g, c: clip_by_norm(g, c, np.linalg.norm(g[0])),
        "the largest number": lambda g, c: clip_by_norm(
            g, c, max(abs(a).max() for a in g)
        ),
        "a matrix's largest factor": lambda g, c: clip_by_norm(
            g, c, np.sqrt(sum(np.linalg.norm(np.atleast_2d(a), 2) ** 2 for a in g))
        ),
        "subtracts": lambda g, c: [a - max(0, total_norm(g) - c) for a in g],
        "loses the sign": lambda g, c: clip_by_norm(map(abs, g), c, total_norm(g)),
        "zero if too long": lambda g, c: [a * (total_norm(g) <= c) for a in g],
        "one flat array": lambda g, c: np.concatenate(
            [a.ravel() for a in clip_by_norm(g, c, total_norm(g))]
        ),
        "only the scale": lambda g, c: min(1, c / (total_norm(g) or 1)),
    },
    "3.2": {
        "the slope of tanh is missing": back(lambda h, h_prev: 1),
        "1 − h": back(lambda h, h_prev: 1 - h),
        "h²": back(lambda h, h_prev: h**2),
        "h (1 − h), the sigmoid's": back(lambda h, h_prev: h * (1 - h)),
        "tanh once more": back(lambda h, h_prev: 1 - np.tanh(h) ** 2),
        "the slope at h_prev": back(lambda h, h_prev: 1 - h_prev**2),
        "h in place of h_prev": back(
            tanh_slope, lambda da, h, h_prev, W: (np.outer(h, da), W @ da)
        ),
        "dW_hh the wrong way round": back(
            tanh_slope, lambda da, h, h_prev, W: (np.outer(da, h_prev), W @ da)
        ),
        "W_hh the wrong way round": back(
            tanh_slope, lambda da, h, h_prev, W: (np.outer(h_prev, da), W.T @ da)
        ),
        "no W_hh": back(
            tanh_slope, lambda da, h, h_prev, W: (np.outer(h_prev, da), da)
        ),
        "W_hh element by element": back(
            tanh_slope, lambda da, h, h_prev, W: (np.outer(h_prev, da), W * da)
        ),
        "an inner product": back(
            tanh_slope, lambda da, h, h_prev, W: (h_prev @ da, W @ da)
        ),
        "the pair exchanged": back(
            tanh_slope, lambda da, h, h_prev, W: (W @ da, np.outer(h_prev, da))
        ),
        "only dW_hh": back(tanh_slope, lambda da, h, h_prev, W: np.outer(h_prev, da)),
        "only dh_prev": back(tanh_slope, lambda da, h, h_prev, W: W @ da),
        "no slope for dh_prev": lambda dh, h, h_prev, W: (
            np.outer(h_prev, dh * (1 - h**2)),
            W @ dh,
        ),
        "no slope for dW_hh": lambda dh, h, h_prev, W: (
            np.outer(h_prev, dh),
            W @ (dh * (1 - h**2)),
        ),
        "the slope after W_hh": lambda dh, h, h_prev, W: (
            np.outer(h_prev, dh * (1 - h**2)),
            (W @ dh) * (1 - h**2),
        ),
    },
    "3.3": {
        "always True": lambda loss, gradient, W: True,
        "always False": lambda loss, gradient, W: False,
        "signs only": judge(np.sign),
        "lengths only": judge(np.linalg.norm),
        "directions only": judge(lambda g: g / np.linalg.norm(g)),
        "the sum only": judge(np.sum),
        "sorted numbers": judge(lambda g: np.sort(g, axis=None)),
        "sizes only": judge(np.abs),
        "the first number only": judge(lambda g: g[0, 0]),
        "the last number only": judge(lambda g: g[-1, -1]),
        "the first row only": judge(lambda g: g[0]),
        "the last column only": judge(lambda g: g[:, -1]),
        "the diagonal only": judge(np.diag),
        "the largest number only": judge(lambda g: np.max(np.abs(g))),
        "an absolute limit": judge_by_error(1e-5, lambda a, b: abs(a - b).max()),
        "a loose absolute limit": judge_by_error(1e-3, lambda a, b: abs(a - b).max()),
        "a limit of 1 %": judge_by_error(1e-2, relative_error),
        "a limit below the digits": judge_by_error(1e-14, relative_error),
        "only what is too large": judge_by_error(
            1e-5, lambda a, b: (a - b).max() / abs(b).max()
        ),
        "only what is too small": judge_by_error(
            1e-5, lambda a, b: (b - a).max() / abs(b).max()
        ),
        "no limit at all": judge_by_error(1e-300, lambda a, b: abs(a - b).max()),
        "True for a large error": lambda loss, gradient, W: (
            not agree(gradient(W), differences(loss, W))
        ),
        "one side, a huge step": lambda loss, gradient, W: agree(
            gradient(W), one_sided(loss, W, 0.1)
        ),
        "both sides, a huge step": lambda loss, gradient, W: agree(
            gradient(W), differences(loss, W, 0.1)
        ),
        "a step below the digits": lambda loss, gradient, W: agree(
            gradient(W), differences(loss, W, 1e-18)
        ),
        "the gradient the wrong way round": lambda loss, gradient, W: agree(
            gradient(W).T, differences(loss, W)
        ),
        "divides by one step, not two": lambda loss, gradient, W: agree(
            gradient(W), 2 * differences(loss, W)
        ),
        "moves a copy that the loss does not see": lambda loss, gradient, W: agree(
            gradient(W), numerical_gradient(lambda: loss(W), W.copy())
        ),
        "compares the gradient with itself": lambda loss, gradient, W: agree(
            gradient(W), gradient(W)
        ),
        "compares with the weights": lambda loss, gradient, W: agree(gradient(W), W),
        "the error, not a judgement": lambda loss, gradient, W: relative_error(
            gradient(W), differences(loss, W)
        ),
    },
    "3.4": {
        "rounds down": horizon_with(np.floor),
        "rounds to the nearest": horizon_with(np.round),
        "not rounded": horizon_with(float),
        "one more than rounded down": horizon_with(lambda k: np.floor(k) + 1),
        "one less than rounded up": horizon_with(lambda k: np.ceil(k) - 1),
        "1 / k": horizon_with(lambda k: np.ceil(1 / k)),
        "strictly below": horizon_strictly_below,
        "no case for λ ≥ 1": lambda lam, s: np.ceil(np.log(s) / np.log(lam)),
        "only λ = 1 never falls": lambda lam, s: (
            np.inf if lam == 1 else np.ceil(abs(np.log(s) / np.log(lam)))
        ),
        "λ = 1 forgotten": lambda lam, s: (
            np.inf if lam > 1 else np.ceil(np.log(s) / np.log(lam))
        ),
        "zero for never": lambda lam, s: 0 if lam >= 1 else horizon_by_steps(lam, s),
        "minus infinity for never": lambda lam, s: (
            -np.inf if lam >= 1 else horizon_by_steps(lam, s)
        ),
        "fallen by the share": lambda lam, s: horizon_by_steps(lam, 1 - s),
        "λ and share exchanged": lambda lam, s: horizon_by_steps(s, min(lam, 1)),
        "the square of the length": lambda lam, s: horizon_by_steps(lam**2, s),
        "a straight line": lambda lam, s: (
            np.ceil((1 - s) / (1 - lam)) if lam < 1 else np.inf
        ),
        "1 / (1 − λ)": lambda lam, s: np.ceil(1 / (1 - lam)) if lam < 1 else np.inf,
        "tanh makes it shorter": lambda lam, s: horizon_by_steps(np.tanh(lam), s),
    },
    "3.5": {
        "clips only": step_unless(lambda g: False),
        "isnan": step_unless(lambda g: np.isnan(g).any()),
        "isinf": step_unless(lambda g: np.isinf(g).any()),
        "forgets minus infinity": step_unless(
            lambda g: (np.isnan(g) | (g > 1e300)).any()
        ),
        "all, not any": step_unless(lambda g: not np.isfinite(g).any()),
        "only the first number": step_unless(lambda g: not np.isfinite(g[0])),
        "only the last number": step_unless(lambda g: not np.isfinite(g[-1])),
        "the test the wrong way round": step_unless(lambda g: np.isfinite(g).all()),
        "skips long gradients": step_unless(lambda g: not np.linalg.norm(g) <= 1),
        "the finite part": lambda w, g, rate, c: (
            w - rate * clipped(np.where(np.isfinite(g), g, 0), c)
        ),
        "nan_to_num": lambda w, g, rate, c: w - rate * clipped(np.nan_to_num(g), c),
        "repairs the weights, not the step": lambda w, g, rate, c: np.nan_to_num(
            w - rate * clipped(g, c)
        ),
        "zeros in place of w": lambda w, g, rate, c: safe_step_in_place(
            w if np.isfinite(g).all() else 0 * w, g, rate, c
        ),
        "no clipping": lambda w, g, rate, c: safe_step_in_place(w, g, rate, np.inf),
        "a threshold of 1 always": lambda w, g, rate, c: safe_step_in_place(
            w, g, rate, 1
        ),
        "forgets the rate": lambda w, g, rate, c: safe_step_in_place(w, g, 1, c),
        "clips after the rate": lambda w, g, rate, c: safe_step_in_place(
            w, rate * g, 1, c
        ),
        "uphill": lambda w, g, rate, c: safe_step_in_place(w, g, -rate, c),
        "loses the sign": lambda w, g, rate, c: safe_step_in_place(w, abs(g), rate, c),
        "each number alone": lambda w, g, rate, c: safe_step_in_place(
            w, np.clip(g, -c, c), rate, np.inf
        ),
        "zero divided by zero": lambda w, g, rate, c: (
            w - rate * g / np.linalg.norm(g) * min(c, np.linalg.norm(g))
            if np.isfinite(g).all()
            else w
        ),
        "short ones grow": lambda w, g, rate, c: (
            w - rate * c * g / (np.linalg.norm(g) or 1) if np.isfinite(g).all() else w
        ),
        "the step, not the weights": lambda w, g, rate, c: (
            safe_step_in_place(w.copy(), g, rate, c) - w
        ),
    },
    "4.1": {
        "the order i, f, o, g": in_order("ifog"),
        "the order f, i, g, o": in_order("figo"),
        "the order i, g, f, o": in_order("igfo"),
        "c and h exchanged": by_gates(lambda *parts: lstm_cell(*parts)[::-1]),
        "only h": by_gates(lambda *parts: lstm_cell(*parts)[0]),
        "only c": by_gates(lambda *parts: lstm_cell(*parts)[1]),
        "h is c": by_gates(lambda *parts: lstm_cell(*parts)[1:] * 2),
        "no tanh at the output": by_gates(
            lambda i, f, g, o, c: (
                sigmoid(o) * lstm_cell(i, f, g, o, c)[1],
                lstm_cell(i, f, g, o, c)[1],
            )
        ),
        "tanh at the output once more, for c": by_gates(
            lambda *parts: (lstm_cell(*parts)[0], np.tanh(lstm_cell(*parts)[1]))
        ),
        "h from the old cell state": by_gates(
            lambda i, f, g, o, c: (
                sigmoid(o) * np.tanh(c),
                lstm_cell(i, f, g, o, c)[1],
            )
        ),
        "sigmoid for g": by_gates(
            lambda i, f, g, o, c: lstm_cell(i, f, np.arctanh(sigmoid(g)), o, c)
        ),
        "no activation for g": by_gates(
            lambda i, f, g, o, c: (
                sigmoid(o) * np.tanh(sigmoid(f) * c + sigmoid(i) * g),
                sigmoid(f) * c + sigmoid(i) * g,
            )
        ),
        "no sigmoids": by_gates(
            lambda i, f, g, o, c: (
                o * np.tanh(f * c + i * np.tanh(g)),
                f * c + i * np.tanh(g),
            )
        ),
        "hard sigmoids, as in old versions": by_gates(hard_cell),
        "no forget gate, the form of 1997": by_gates(
            lambda i, f, g, o, c: lstm_cell(i, 800.0, g, o, c)
        ),
        "no input gate": by_gates(lambda i, f, g, o, c: lstm_cell(800.0, f, g, o, c)),
        "no output gate": by_gates(lambda i, f, g, o, c: lstm_cell(i, f, g, 800.0, c)),
        "1 − f for i, as in a GRU": by_gates(
            lambda i, f, g, o, c: lstm_cell(-f, f, g, o, c)
        ),
        "1 − i for f": by_gates(lambda i, f, g, o, c: lstm_cell(i, -i, g, o, c)),
        "no memory": by_gates(lambda i, f, g, o, c: lstm_cell(i, f, g, o, 0 * c)),
        "the candidate is subtracted": by_gates(
            lambda i, f, g, o, c: lstm_cell(i, f, -g, o, c)
        ),
        "one column per unit": lambda a, c: lstm_cell(*a.reshape(-1, 4).T, c),
    },
    "4.2": {
        "every layer reads the features": lambda f, u: sum(
            4 * n * (n + f + 1) for n in u
        ),
        "every layer reads its own units": lambda f, u: sum(
            4 * n * (2 * n + 1) for n in u
        ),
        "features and all units below": lambda f, u: sum(
            4 * n * (n + f + sum(u[:k]) + 1) for k, n in enumerate(u)
        ),
        "no biases": layers_sum(lambda u, f: 4 * u * (u + f)),
        "two biases, as in PyTorch": layers_sum(lambda u, f: 4 * u * (u + f + 2)),
        "one bias per gate": layers_sum(lambda u, f: 4 * (u * (u + f) + 1)),
        "no recurrent matrix": layers_sum(lambda u, f: 4 * u * (f + 1)),
        "one block, as in a simple RNN": layers_sum(lambda u, f: u * (u + f + 1)),
        "three blocks, as in a GRU": layers_sum(lambda u, f: 3 * u * (u + f + 1)),
        "units and features exchanged": layers_sum(lambda u, f: 4 * f * (u + f + 1)),
        "only the first layer": lambda f, u: sum(4 * n * (n + f + 1) for n in u[:1]),
        "only the last layer": only_the_last_layer,
        "one big layer": lambda f, u: 4 * sum(u) * (sum(u) + f + 1),
        "a list, one number per layer": lambda f, u: [
            4 * n * (n + m + 1) for m, n in zip([f, *u], u, strict=False)
        ],
    },
    "4.3": {
        "the gate, not its bias": lambda n: 0.5 ** (1 / n),
        "log of the gate": lambda n: np.log(0.5) / n,
        "the wrong sign": lambda n: -logit(0.5 ** (1 / n)),
        "1 / e is left, not one half": lambda n: logit(np.exp(-1 / n)),
        "chrono: log n": lambda n: np.log(n),
        "1 − f = 1 / n": lambda n: np.log(max(n - 1, 1e-9)),
        "1 − f = 1 / 2n": lambda n: np.log(2 * n - 1),
        "half of it per step": lambda n: logit(0.5**n),
        "the sigmoid, not its inverse": lambda n: sigmoid(0.5 ** (1 / n)),
        "f / (1 − f), no logarithm": lambda n: 1 / (2 ** (1 / n) - 1),
        "bits": lambda n: logit(0.5 ** (1 / n)) / np.log(2),
        "one step too many": lambda n: logit(0.5 ** (1 / (n + 1))),
        "one step too few": lambda n: logit(0.5 ** (1 / max(n - 1, 0.5))),
        "Keras's bias": lambda n: 1.0,
    },
    "4.4": {
        "no σ′": lambda dc, c, f: dc * c,
        "f, not f (1 − f)": lambda dc, c, f: dc * c * f,
        "1 − f, not f (1 − f)": lambda dc, c, f: dc * c * (1 - f),
        "the slope of tanh": lambda dc, c, f: dc * c * (1 - f**2),
        "the sigmoid twice": lambda dc, c, f: dc * c * sigmoid(f) * (1 - sigmoid(f)),
        "always the slope ¼": lambda dc, c, f: dc * c / 4,
        "no memory before": lambda dc, c, f: dc * f * (1 - f),
        "no gradient from above": lambda dc, c, f: c * f * (1 - f),
        "the wrong sign": lambda dc, c, f: -dc * c * f * (1 - f),
        "the gradient of c_prev": lambda dc, c, f: dc * f,
        "slope squared": lambda dc, c, f: dc * c * (f * (1 - f)) ** 2,
        "one sum": lambda dc, c, f: np.sum(dc * c * f * (1 - f)),
        "the mean over the units": lambda dc, c, f: dc * c * f * (1 - f) / len(f),
        "plus, not times": lambda dc, c, f: (dc + c) * f * (1 - f),
    },
    "4.5": {
        "never holds": lambda s, g, i, f, first: f * s + i * g,
        "always holds": lambda s, g, i, f, first: s,
        "the wrong way round": lambda s, g, i, f, first: s if first else f * s + i * g,
        "holds, but forgets": lambda s, g, i, f, first: f * s + i * g * first,
        "does not forget, but writes": lambda s, g, i, f, first: (
            f * s + i * g if first else s + i * g
        ),
        "writes all": lambda s, g, i, f, first: f * s + i * g if first else s + g,
        "the first step forgets": lambda s, g, i, f, first: i * g if first else s,
        "the first step keeps": lambda s, g, i, f, first: s + i * g if first else s,
        "the first step writes all": lambda s, g, i, f, first: (
            f * s + g if first else s
        ),
        "the gates exchanged": lambda s, g, i, f, first: i * s + f * g if first else s,
        "1 − f for i": lambda s, g, i, f, first: f * s + (1 - f) * g if first else s,
        "later: nothing": lambda s, g, i, f, first: first * (f * s + i * g),
        "later: the candidate": lambda s, g, i, f, first: f * s + i * g if first else g,
    },
    "5.1": {
        "convention (A)": lambda z, h, g: (1 - z) * h + z * g,
        "keeps always": lambda z, h, g: h,
        "replaces always": lambda z, h, g: g,
        "half and half": lambda z, h, g: (h + g) / 2,
        "plus, without 1 − z": lambda z, h, g: z * h + g,
        "z for both": lambda z, h, g: z * (h + g),
        "1 − z for both": lambda z, h, g: (1 - z) * (h + g),
        "only the kept part": lambda z, h, g: z * h,
        "only the new part": lambda z, h, g: (1 - z) * g,
        "minus the candidate": lambda z, h, g: z * h - (1 - z) * g,
        "one gate for all units": lambda z, h, g: z.mean() * h + (1 - z.mean()) * g,
        "all or nothing": lambda z, h, g: np.where(z > 0.5, h, g),
        "the sigmoid once more": lambda z, h, g: sigmoid(z) * h + sigmoid(-z) * g,
        "one number": lambda z, h, g: z @ h + (1 - z) @ g,
    },
    "5.2": {
        "one bias in the GRU": lambda u, f: u * (u + f + 1),
        "no biases": lambda u, f: u * (u + f),
        "two biases in both": lambda u, f: u * (u + f + 2),
        "two biases in the LSTM, one in the GRU": lambda u, f: u * (u + f + 5),
        "the wrong sign": lambda u, f: -u * (u + f - 2),
        "the GRU": lambda u, f: 3 * u * (u + f + 2),
        "the LSTM": lambda u, f: 4 * u * (u + f + 1),
        "the ratio": lambda u, f: 3 * (u + f + 2) / (4 * (u + f + 1)),
        "units and features exchanged": lambda u, f: f * (u + f - 2),
        "two gates saved": lambda u, f: 2 * u * (u + f + 1) - 2 * u,
    },
    "5.3": {
        "h before the product, not s": lambda d, g, r, s, h: (
            d * (1 - g**2) * h * r * (1 - r)
        ),
        "no slope of the sigmoid": lambda d, g, r, s, h: d * (1 - g**2) * s,
        "no slope of tanh": lambda d, g, r, s, h: d * s * r * (1 - r),
        "no s": lambda d, g, r, s, h: d * (1 - g**2) * r * (1 - r),
        "no gradient from above": lambda d, g, r, s, h: (1 - g**2) * s * r * (1 - r),
        "r, not r (1 − r)": lambda d, g, r, s, h: d * (1 - g**2) * s * r,
        "1 − r, not r (1 − r)": lambda d, g, r, s, h: d * (1 - g**2) * s * (1 - r),
        "r ⊙ s, not s": lambda d, g, r, s, h: d * (1 - g**2) * r * s * r * (1 - r),
        "the slopes exchanged": lambda d, g, r, s, h: d * g * (1 - g) * s * (1 - r**2),
        "1 − |candidate|": lambda d, g, r, s, h: d * (1 - abs(g)) * s * r * (1 - r),
        "the wrong sign": lambda d, g, r, s, h: -d * (1 - g**2) * s * r * (1 - r),
        "the gradient of s": lambda d, g, r, s, h: d * (1 - g**2) * r,
        "always the slope ¼": lambda d, g, r, s, h: d * (1 - g**2) * s / 4,
        "one sum": lambda d, g, r, s, h: np.sum(d * (1 - g**2) * s * r * (1 - r)),
    },
    "5.4": {
        "always 1/12": lambda y: 1 / 12,
        "always predicts 1/2": lambda y: np.mean((y - 0.5) ** 2),
        "always predicts 0": lambda y: np.mean(y**2),
        "the median": lambda y: np.mean((y - np.median(y, axis=0)) ** 2),
        "the middle of the range": lambda y: np.mean(
            (y - (y.max(axis=0) + y.min(axis=0)) / 2) ** 2
        ),
        "one constant for all outputs": lambda y: y.var(),
        "one constant per sample": lambda y: np.mean(
            (y - y.mean(axis=-1, keepdims=True)) ** 2
        ),
        "n − 1": lambda y: np.mean(y.var(axis=0, ddof=1)),
        "the standard deviation": lambda y: np.sqrt(np.mean(y.var(axis=0))),
        "the mean absolute error": lambda y: np.mean(abs(y - y.mean(axis=0))),
        "the sum over samples": lambda y: np.sum((y - y.mean(axis=0)) ** 2),
        "the sum over outputs": lambda y: np.sum(y.var(axis=0)),
        "one floor per output": lambda y: y.var(axis=0),
        "only the first output": lambda y: y.reshape(len(y), -1)[:, 0].var(),
        "the best constant, not its error": lambda y: np.mean(y),
    },
    "5.5": {
        "nothing changed": lambda W, U, b: (W, U, b),
        "all columns": flipped(lambda k, n: k >= 0),
        "r, not z": flipped(lambda k, n: (k >= n) & (k < 2 * n)),
        "the candidate, not z": flipped(lambda k, n: k >= 2 * n),
        "z and r": flipped(lambda k, n: k < 2 * n),
        "only the first column": flipped(lambda k, n: (k == 0) & (n > 1)),
        "every third column": flipped(lambda k, n: (k % 3 == 0) & (n > 1)),
        "W is forgotten": flipped(lambda k, n: k < n, "Ub"),
        "U is forgotten": flipped(lambda k, n: k < n, "Wb"),
        "b is forgotten": flipped(lambda k, n: k < n, "WU"),
        "only W": flipped(lambda k, n: k < n, "W"),
        "only b": flipped(lambda k, n: k < n, "b"),
        "only the input row of b": one_row_of_b(0),
        "only the recurrent row of b": one_row_of_b(1),
        "1 − W for z": one_minus_z,
        "z and r exchanged": z_and_r_exchanged,
        "as many columns as features": features_for_units,
        "only W is returned": lambda W, U, b: flipped(lambda k, n: k < n)(W, U, b)[:1],
        "the biases are added up": lambda W, U, b: (
            *flipped(lambda k, n: k < n, "WU")(W, U, b)[:2],
            flipped(lambda k, n: k < n)(W, U, b)[2].sum(axis=0),
        ),
    },
    "6.1": {
        "no bias": most_units(lambda u, f: 4 * u * (u + f)),
        "two biases, as in PyTorch": most_units(lambda u, f: 4 * u * (u + f + 2)),
        "one block, as in a simple RNN": most_units(lambda u, f: u * (u + f + 1)),
        "three blocks, as in a GRU": most_units(lambda u, f: 3 * u * (u + f + 1)),
        "no recurrent matrix": most_units(lambda u, f: 4 * u * (f + 1)),
        "no input matrix": most_units(lambda u, f: 4 * u * (u + 1)),
        "one bias per gate": most_units(lambda u, f: 4 * (u * (u + f) + 1)),
        "the exact fit does not count": lambda n, f: most_units(lstm_weights)(n - 1, f),
        "the first that does not fit": lambda n, f: most_units(lstm_weights)(n, f) + 1,
        "one unit at least": most_units(lstm_weights, least=1),
        "rounded, not cut": lambda n, f: round((np.sqrt((f + 1) ** 2 + n) - f - 1) / 2),
        "the budget over the weights of one unit": lambda n, f: n // (4 * (f + 2)),
        "the weights, not the units": lambda n, f: lstm_weights(
            most_units(lstm_weights)(n, f), f
        ),
    },
    "6.2": {
        "1.96": paired(lambda d: half_width(d, 1.96)),
        "two deviations": paired(lambda d: half_width(d, 2)),
        "one-sided": paired(
            lambda d: half_width(d, student_t.ppf(0.95, max(len(d) - 1, 1)))
        ),
        "n, not n − 1, degrees of freedom": paired(
            lambda d: half_width(d, student_t.ppf(0.975, len(d)))
        ),
        "ddof 0": paired(lambda d: half_width(d, ddof=0)),
        "no √n": paired(lambda d: half_width(d) * np.sqrt(len(d))),
        "n, not √n": paired(lambda d: half_width(d) / np.sqrt(len(d))),
        "√(n − 1)": paired(lambda d: half_width(d) * np.sqrt(len(d) / (len(d) - 1))),
        "the full width": paired(lambda d: 2 * half_width(d)),
        "the variance": paired(lambda d: half_width(d) * np.std(d, ddof=1)),
        "the standard error": paired(lambda d: half_width(d, 1.0)),
        "not paired": unpaired_interval,
        "the interval of a": lambda a, b: (np.mean(np.subtract(a, b)), half_width(a)),
        "b − a": lambda a, b: paired(half_width)(b, a),
        "half width first": lambda a, b: paired(half_width)(a, b)[::-1],
        "the two ends": lambda a, b: student_t.interval(
            0.95, len(a) - 1, *paired(lambda d: half_width(d, 1.0))(a, b)
        ),
        "only the mean": lambda a, b: np.mean(np.subtract(a, b)),
        "the median": lambda a, b: (
            np.median(np.subtract(a, b)),
            half_width(np.subtract(a, b)),
        ),
    },
    "6.3": {
        "always higher": first_time(lambda s, t, higher: s >= t),
        "always lower": first_time(lambda s, t, higher: s <= t),
        "the wrong way round": first_time(lambda s, t, h: good_enough(s, t, not h)),
        "equal does not count": first_time(lambda s, t, h: s > t if h else s < t),
        "equal does not count for a loss": first_time(lambda s, t, h: (s >= t) == h),
        "place 0 means never": seconds_by_argmax,
        "never is the end": lambda t, s, u, ms, h: first_time(
            good_enough, u[-1] * ms / 1000
        )(t, s, u, ms, h),
        "never is 0": first_time(good_enough, 0.0),
        "never is None": first_time(good_enough, None),
        "never is not a number": first_time(good_enough, np.nan),
        "it must stay there": seconds_by_the_last_rise,
        "the best score": seconds_to_the_best,
        "steps, not seconds": lambda t, s, u, ms, h: first_time(good_enough)(
            t, s, u, 1000, h
        ),
        "milliseconds": lambda t, s, u, ms, h: (
            1000 * first_time(good_enough)(t, s, u, ms, h)
        ),
        "scores, not steps, counted": lambda t, s, u, ms, h: first_time(good_enough)(
            t, s, range(1, len(s) + 1), ms, h
        ),
        "steps of all scores added": seconds_with_running_totals,
        "the score before": lambda t, s, u, ms, h: first_time(good_enough)(
            t, s, [0, *u[:-1]], ms, h
        ),
    },
    "6.4": {
        "an empty row is fine": lambda mask: not steps_up(mask),
        "only empty rows matter": lambda mask: mask.any(axis=1).all(),
        "only the first column": lambda mask: mask[:, 0].all(),
        "no padding at all": lambda mask: mask.all(),
        "some row has a real first step": lambda mask: bool(
            mask[:, 0].any() and not steps_up(mask)
        ),
        "padding in front": lambda mask: bool(
            mask[:, -1].all() and not steps_up(~mask)
        ),
        "the opposite": lambda mask: not (mask[:, 0].all() and not steps_up(mask)),
        "only the first row": lambda mask: bool(mask[0, 0] and not steps_up(mask[:1])),
        "only the last row": lambda mask: bool(mask[-1, 0] and not steps_up(mask[-1:])),
        "at most one change in a row": lambda mask: bool(
            (np.diff(mask).sum(axis=1) <= 1).all() and mask.any(axis=1).all()
        ),
        "ups and downs added": lambda mask: bool(
            (np.diff(mask.astype(int)).sum(axis=1) <= 0).all() and mask[:, 0].all()
        ),
        "the rows added": lambda mask: bool(
            (np.diff(mask.sum(axis=0)) <= 0).all() and mask.any(axis=1).all()
        ),
        "the rows as one": lambda mask: bool(
            mask[:, 0].all() and not steps_up(mask.reshape(1, -1))
        ),
        "the columns, not the rows": lambda mask: bool(
            mask[:, 0].all() and not steps_up(mask.T)
        ),
        "one answer per row": lambda mask: (
            mask[:, 0] & ~(~mask[:, :-1] & mask[:, 1:]).any(axis=1)
        ),
    },
    "6.5": {
        "the mean over batches": lambda n, k: np.mean(
            [share_of_padding([part]) for part in chunks(n, k)]
        ),
        "all padded to the longest": lambda n, k: share_of_padding([n]),
        "the last batch is left out": lambda n, k: share_of_padding(
            [part for part in chunks(n, k) if len(part) == k]
        ),
        "the last batch counts as full": lambda n, k: (
            1 - sum(n) / sum(k * max(part) for part in chunks(n, k))
        ),
        "sorted first": lambda n, k: share_of_padding(chunks(sorted(n), k)),
        "batch batches": lambda n, k: share_of_padding(
            [list(part) for part in np.array_split(n, k) if len(part)]
        ),
        "the share of real steps": lambda n, k: 1 - share_of_padding(chunks(n, k)),
        "padding over real steps": lambda n, k: (
            sum(max(part) * len(part) for part in chunks(n, k)) / sum(n) - 1
        ),
        "padded steps, not their share": lambda n, k: (
            sum(max(part) * len(part) for part in chunks(n, k)) - sum(n)
        ),
        "per cent": lambda n, k: 100 * share_of_padding(chunks(n, k)),
        "the first of a batch for the longest": lambda n, k: (
            1 - sum(n) / sum(part[0] * len(part) for part in chunks(n, k))
        ),
        "the mean for the longest": lambda n, k: (
            1 - sum(n) / sum(np.mean(part) * len(part) for part in chunks(n, k))
        ),
        "only the first batch": lambda n, k: share_of_padding(chunks(n, k)[:1]),
    },
    "7.1": {
        "the padding too": lambda rows, lengths: rows[:, ::-1],
        "zeros after the length": reversed_with_zeros,
        "moved to the front": lambda rows, lengths: np.stack(
            [np.roll(r[::-1], n - len(r)) for r, n in zip(rows, lengths, strict=True)]
        ),
        "counts what is not 0": reversed_with(lambda row, n, _: (row != 0).sum()),
        "stops at the first 0": reversed_with(
            lambda row, n, _: next((i for i in range(n) if row[i] == 0), n)
        ),
        "one too few": reversed_with(lambda row, n, _: n - 1),
        "one too many": reversed_with(lambda row, n, _: n + 1),
        "the first length for all": reversed_with(lambda row, n, all_n: all_n[0]),
        "the longest for all": reversed_with(lambda row, n, all_n: max(all_n)),
        "the shortest for all": reversed_with(lambda row, n, all_n: min(all_n)),
        "the last length for all": reversed_with(lambda row, n, all_n: all_n[-1]),
        "the order of the rows": lambda rows, lengths: rows[::-1],
        "cut to the length": lambda rows, lengths: [
            list(row[:n][::-1]) for row, n in zip(rows, lengths, strict=True)
        ],
        "sorted": lambda rows, lengths: -np.sort(-rows, axis=1),
    },
    "7.2": {
        "the last step": lambda states, n: states[-1],
        "the last real step": lambda states, n: states[n - 1],
        "the first step": lambda states, n: states[0],
        "the last step, the padding too": halves(lambda n: -1, lambda n: 0),
        "the readers exchanged": halves(lambda n: 0, lambda n: n - 1),
        "one step too early": halves(lambda n: n - 2, lambda n: 0),
        "one step too late": halves(lambda n: n, lambda n: 0),
        "backward: the second step": halves(lambda n: n - 1, lambda n: 1),
        "backward: the last step": halves(lambda n: n - 1, lambda n: -1),
        "backward first": lambda states, n: np.concatenate(
            np.split(halves(lambda k: k - 1, lambda k: 0)(states, n), 2)[::-1]
        ),
        "every second column": lambda states, n: np.concatenate(
            [states[n - 1, ::2], states[0, 1::2]]
        ),
        "the mean": lambda states, n: states[:n].mean(axis=0),
        "the maximum": lambda states, n: states[:n].max(axis=0),
        "the sum": lambda states, n: states.sum(axis=0),
        "only the forward half": lambda states, n: np.split(states[n - 1], 2)[0],
        "added, not side by side": lambda states, n: (
            np.split(states[n - 1], 2)[0] + np.split(states[0], 2)[1]
        ),
        "whole rows": lambda states, n: np.concatenate([states[n - 1], states[0]]),
    },
    "7.3": {
        "the mean over sentences": lambda truth, guess: np.mean(
            [f1_of(*counted([a], [b])) for a, b in zip(truth, guess, strict=True)]
        ),
        "the mean over types": f1_by_types,
        "words, not entities": f1_by_words,
        "places without types": without(slice(2)),
        "starts and types": without(slice(0, None, 2)),
        "ends and types": without(slice(1, None)),
        "types without places": without(slice(2, None)),
        "sentences as one": lambda truth, guess: f1_of(
            *counted([set().union(*truth)], [set().union(*guess)])
        ),
        "precision": score_of(lambda hits, found, there: hits / found if found else 1),
        "recall": score_of(lambda hits, found, there: hits / there if there else 1),
        "the mean of precision and recall": score_of(
            lambda hits, found, there: (
                (hits / max(found, 1) + hits / max(there, 1)) / 2
                if found + there
                else 1.0
            )
        ),
        "the product": score_of(
            lambda hits, found, there: (
                hits / max(found, 1) * hits / max(there, 1) if found + there else 1.0
            )
        ),
        "hits over all that differ (Jaccard)": score_of(
            lambda hits, found, there: (
                hits / (found + there - hits) if found + there else 1.0
            )
        ),
        "no factor 2": score_of(lambda *n: f1_of(*n) / 2 if n[1] + n[2] else 1.0),
        "nothing to find is 0": score_of(lambda *n: f1_of(*n) if n[1] + n[2] else 0.0),
        "nothing to find is an error": score_of(
            lambda hits, found, there: 2 * hits / (found + there)
        ),
        "only the first sentence": lambda truth, guess: f1_of(
            *counted(truth[:1], guess[:1])
        ),
    },
    "7.4": {
        "the padding counts": lambda t, p, m: np.mean(t == p),
        "the mean of rows": accuracy_mean_of_rows,
        "real hits over all places": lambda t, p, m: np.mean((t == p) & m),
        "all hits over real places": lambda t, p, m: (t == p).sum() / m.sum(),
        "padding is always right": lambda t, p, m: np.mean((t == p) | ~m),
        "over the rows": lambda t, p, m: ((t == p) & m).sum() / len(t),
        "the mask inverted": lambda t, p, m: np.mean((t == p)[~m]),
        "id 0 is padding": lambda t, p, m: (
            ((t == p) & (t != 0)).sum() / max((t != 0).sum(), 1)
        ),
        "real and not id 0": lambda t, p, m: (
            ((t == p) & m & (t != 0)).sum() / max((m & (t != 0)).sum(), 1)
        ),
        "guess 0 is padding": lambda t, p, m: np.mean((t == p)[p != 0]),
        "the number of hits": lambda t, p, m: ((t == p) & m).sum(),
        "the errors": lambda t, p, m: np.mean((t != p)[m]),
        "one number per row": lambda t, p, m: ((t == p) & m).sum(1) / m.sum(1),
        "whole sentences": lambda t, p, m: np.mean(((t == p) | ~m).all(axis=1)),
    },
    "7.5": {
        "the output at t too": causal_if(lambda d, t: nothing_before(d, t + 1)),
        "all outputs": causal_if(lambda d, t: nothing_before(d, len(d))),
        "the outputs from t on": causal_if(lambda d, t: nothing_before(d[t:], len(d))),
        "only the output just before": causal_if(
            lambda d, t: nothing_before(d[max(t - 1, 0) : t], 1)
        ),
        "only the first output": causal_if(lambda d, t: nothing_before(d, min(t, 1))),
        "only the first place": causal_if(nothing_before, lambda n: [0]),
        "only the second place": causal_if(nothing_before, lambda n: [1]),
        "only the middle": causal_if(nothing_before, lambda n: [n // 2]),
        "only the last place": causal_if(nothing_before, lambda n: [n - 1]),
        "the last place is left out": causal_if(nothing_before, lambda n: range(n - 1)),
        "starts at the third place": causal_if(nothing_before, lambda n: range(2, n)),
        "every second place": causal_if(nothing_before, lambda n: range(0, n, 2)),
        "some place is fine": lambda model, x: any(
            causal_if(nothing_before, lambda n, t=t: [t])(model, x)
            for t in range(len(x))
        ),
        "no absolute value": causal_if(lambda d, t: (d[:t] <= 1e-9).all()),
        "the sum of the moves": causal_if(lambda d, t: d[:t].sum() <= 1e-9),
        "must be equal to the last bit": causal_if(lambda d, t: not d[:t].any()),
        "np.allclose": causal_by_allclose,
        "moves below 0.5 are fine": causal_if(lambda d, t: (abs(d[:t]) < 0.5).all()),
        "changes x and never restores it": causal_in_place,
        "changes nothing": causal_if(nothing_before, change=lambda v: v),
        "the opposite": lambda model, x: not causal_if(nothing_before)(model, x),
        "is it anticausal?": causal_if(lambda d, t: nothing_before(d[t + 1 :], len(d))),
    },
    "8.1": {
        "written once": table_gradient_written_once,
        "the mean, not the sum": table_gradient_mean,
        "one row per word of the text": lambda ids, G, rows: G,
        "as many rows as words": lambda ids, G, rows: np.eye(len(ids))[:, :rows].T @ G,
        "as many rows as the highest id": lambda ids, G, rows: (
            np.eye(ids.max() + 1)[ids].T @ G
        ),
        "the sum in every row": lambda ids, G, rows: np.tile(G.sum(axis=0), (rows, 1)),
        "counts": lambda ids, G, rows: np.eye(rows)[ids].T @ np.ones_like(G),
        "transposed": lambda ids, G, rows: G.T @ np.eye(rows)[ids],
        "the wrong sign": lambda ids, G, rows: -np.eye(rows)[ids].T @ G,
        "the table's rows, not the gradient's": lambda ids, G, rows: np.eye(rows)[ids],
    },
    "8.2": {
        "dot product": most_similar_by(lambda e, w: e @ w),
        "distance": most_similar_by(lambda e, w: -np.linalg.norm(e - w)),
        "only the other vector divided": most_similar_by(
            lambda e, w: e @ w / np.linalg.norm(w)
        ),
        "the word itself": most_similar_by(cosine_of, itself=True),
        "the worst": most_similar_by(lambda e, w: -cosine_of(e, w)),
        "the absolute cosine": most_similar_by(lambda e, w: abs(cosine_of(e, w))),
        "the first one skipped": lambda E, word, k: most_similar_by(
            cosine_of, itself=True
        )(E, word, k + 1)[1:][::-1],
        "one too few": lambda E, word, k: most_similar_by(cosine_of)(E, word, k - 1),
        "all words": lambda E, word, k: most_similar_by(cosine_of)(E, word, len(E)),
        "worst first": lambda E, word, k: most_similar_by(cosine_of)(E, word, k)[::-1],
        "the scores": lambda E, word, k: sorted(cosine_of(e, E[word]) for e in E)[-k:],
    },
    "8.3": {
        "nothing excluded": analogy_by(lambda a, b, c: b - a + c, ""),
        "only a excluded": analogy_by(lambda a, b, c: b - a + c, "a"),
        "only b excluded": analogy_by(lambda a, b, c: b - a + c, "b"),
        "only c excluded": analogy_by(lambda a, b, c: b - a + c, "c"),
        "a is not excluded": analogy_by(lambda a, b, c: b - a + c, "bc"),
        "b is not excluded": analogy_by(lambda a, b, c: b - a + c, "ac"),
        "c is not excluded": analogy_by(lambda a, b, c: b - a + c, "ab"),
        "a − b": analogy_by(lambda a, b, c: a - b + c),
        "b − a − c": analogy_by(lambda a, b, c: b - a - c),
        "all added": analogy_by(lambda a, b, c: a + b + c),
        "c − b": analogy_by(lambda a, b, c: a + c - b),
        "the neighbour of b": analogy_by(lambda a, b, c: b),
        "the vector": lambda E, a, b, c: E[b] - E[a] + E[c],
        "the worst": analogy_by(lambda a, b, c: a - b - c),
    },
    "8.4": {
        "the shares of the text": lambda counts, power: counts / counts.sum(),
        "not normalised": lambda counts, power: counts**power,
        "first divided, then the power": lambda counts, power: (
            (counts / counts.sum()) ** power
        ),
        "always 0.75": lambda counts, power: counts**0.75 / np.sum(counts**0.75),
        "the sum of the counts": lambda counts, power: counts**power / counts.sum(),
        "the same for all": lambda counts, power: np.ones(len(counts)) / len(counts),
        "softmax": lambda counts, power: (
            np.exp(counts * power - 90) / np.exp(counts * power - 90).sum()
        ),
        "one over the power": lambda counts, power: (
            counts ** (1 / power) / np.sum(counts ** (1 / power))
        ),
        "times the power": lambda counts, power: counts * power / counts.sum(),
        "one added": lambda counts, power: (
            (counts + 1) ** power / np.sum((counts + 1) ** power)
        ),
        "the running sum": lambda counts, power: (
            np.cumsum(counts**power) / np.sum(counts**power)
        ),
    },
    "8.5": {
        "not squared": shown(power=1),
        "to the fourth": shown(power=4),
        "not centred": shown(centre=lambda p: p),
        "centred by row": shown(centre=lambda p: p - p.mean(axis=1, keepdims=True)),
        "one mean for all": shown(centre=lambda p: p - p.mean()),
        "only direction k": shown(first=lambda s, k: s[k - 1 : k]),
        "the last k": shown(first=lambda s, k: s[-k:]),
        "one direction too many": shown(first=lambda s, k: s[: k + 1]),
        "one too few": shown(first=lambda s, k: s[: k - 1]),
        "the rest": shown(first=lambda s, k: s[k:]),
        "scaled to variance 1": shown(
            centre=lambda p: (p - p.mean(axis=0)) / p.std(axis=0)
        ),
        "k over d": lambda points, k: k / points.shape[1],
        "divided by n": lambda points, k: shown()(points, k) / len(points),
    },
}

RIGHT: dict[str, dict[str, Callable]] = {
    "1.1": {
        "by powers of two": lambda p: 2 ** -np.log2(p).mean(),
        "statistics of 1/p": lambda p: statistics.geometric_mean(1 / p),
    },
    "1.2": {
        "a mixture with uniform": lambda c, n, k, V: (
            (n * (c / n if n else 0) + k * V * (1 / V)) / (n + k * V)
        ),
        "divided step by step": lambda c, n, k, V: c / (n + k * V) + k / (n + k * V),
    },
    "1.3": {
        "places, then a set": lambda t, w: len(
            {t[i - 1] for i, token in enumerate(t) if token == w and i > 0}
        ),
        "count the different pairs": lambda t, w: sum(
            pair[1] == w for pair in set(zip(t[:-1], t[1:], strict=True))
        ),
    },
    "1.4": {
        "two loops and a list": forward_by_loops,
        "the transposed table": lambda a, A, e: A.T @ a * e,
        "a sum over rows": lambda a, A, e: (a[:, None] * A * e[None]).sum(axis=0),
        "einsum": lambda a, A, e: np.einsum("i,ij,j->j", a, A, e),
    },
    "1.5": {
        "isinf": lambda lp: np.isinf(lp).sum() / lp.size,
        "a comparison": lambda lp: sum(v == -np.inf for v in lp) / len(lp),
    },
    "2.1": {
        "matrix by matrix": lambda u, f, o: f * u + u * u + u + u * o + o,
    },
    "2.2": {
        "one matrix": lambda x, h, W, U, b: np.tanh(
            np.concatenate([x, h]) @ np.vstack([W, U]) + b
        ),
        "columns": lambda x, h, W, U, b: np.tanh(W.T @ x + U.T @ h + b),
        "loops": step_by_loops,
    },
    "2.3": {
        "by the size of h": lambda h: np.mean(abs(h) > np.sqrt(0.99)),
        "a loop": lambda h: sum(1 - v * v < 0.01 for v in h) / len(h),
    },
    "2.4": {
        "sum over sum": lambda t, p, m: ((t == p) & m).sum() / m.sum(),
        "weights": lambda t, p, m: np.average(t == p, weights=m),
        "loops": accuracy_by_loops,
    },
    "2.5": {
        "scaled afterwards": lambda rng, r, c: rng.standard_normal((r, c)) / np.sqrt(r),
        "uniform of the same deviation": lambda rng, r, c: rng.uniform(
            -np.sqrt(3 / r), np.sqrt(3 / r), (r, c)
        ),
    },
    "3.1": {
        "as one vector, in a tuple": clip_as_one_vector,
        "a small number below": lambda g, c: [
            a * min(1, c / (total_norm(g) + 1e-7)) for a in g
        ],
        "no case for zero": lambda g, c: [a * min(1, c / total_norm(g)) for a in g],
        "the norm of the norms": lambda g, c: clip_by_norm(
            g, c, np.linalg.norm([np.linalg.norm(a) for a in g])
        ),
    },
    "3.2": {
        "loops, in lists": step_back_by_loops,
        "columns and rows": lambda dh, h, h_prev, W: (
            h_prev[:, None] * (dh * (1 - h) * (1 + h)),
            (dh * (1 - h**2)) @ W.T,
        ),
    },
    "3.3": {
        "one side, a tiny step": lambda loss, gradient, W: agree(
            gradient(W), one_sided(loss, W, 1e-7)
        ),
        "along a random direction": judge_along_a_line,
        "the largest error, relative": judge_by_error(
            1e-5, lambda a, b: abs(a - b).max() / abs(b).max()
        ),
        "NumPy's own True": lambda loss, gradient, W: (
            np.float64(relative_error(gradient(W), differences(loss, W))) < 1e-5
        ),
    },
    "3.4": {
        "step by step": horizon_by_steps,
        "rounded up": horizon_with(np.ceil),
        "another logarithm": lambda lam, s: (
            -int(np.log2(s) // -np.log2(lam)) if lam < 1 else np.inf
        ),
    },
    "3.5": {
        "in place": safe_step_in_place,
        "tests the sum": lambda w, g, rate, c: (
            w - rate * g / max(1, np.linalg.norm(g) / c) if np.isfinite(g.sum()) else w
        ),
        "a list": lambda w, g, rate, c: safe_step_in_place(w, g, rate, c).tolist(),
    },
    "4.1": {
        "loops": lstm_cell_by_loops,
        "sigmoid by tanh": by_gates(
            lambda i, f, g, o, c: (
                (1 + np.tanh(o / 2)) / 2 * np.tanh(lstm_cell(i, f, g, o, c)[1]),
                (1 + np.tanh(f / 2)) / 2 * c + (1 + np.tanh(i / 2)) / 2 * np.tanh(g),
            )
        ),
    },
    "4.2": {
        "matrix by matrix": layers_sum(lambda u, f: 4 * f * u + 4 * u * u + 4 * u),
        "recursion": lambda f, u: (
            4 * u[0] * (u[0] + f + 1)
            + layers_sum(lambda n, m: 4 * n * (n + m + 1))(u[0], u[1:])
            if u
            else 0
        ),
    },
    "4.3": {
        "minus the logarithm of 2 to the 1/n, minus 1": lambda n: (
            -np.log(np.expm1(np.log(2) / n))
        ),
    },
    "4.4": {
        "the product opened": lambda dc, c, f: dc * c * f - dc * c * f**2,
        "finite differences": lambda dc, c, f: slope_by_differences(
            lambda a: dc * c * sigmoid(a), logit(f)
        ),
    },
    "4.5": {
        "other gates": lambda s, g, i, f, first: (
            (f if first else 1.0) * s + (i if first else 0.0) * g
        ),
        "np.where": lambda s, g, i, f, first: np.where(first, f * s + i * g, s),
    },
    "5.1": {
        "a step towards the old state": lambda z, h, g: g + z * (h - g),
        "a step towards the candidate": lambda z, h, g: h + (1 - z) * (g - h),
    },
    "5.2": {
        "the short formula": lambda u, f: u * (u + f - 2),
        "a block less, a bias more": lambda u, f: u * f + u * u + u - 3 * u,
    },
    "5.3": {
        "as in gru_backward": lambda d, g, r, s, h: (d * (1 - g * g)) * s * (r - r * r),
        "finite differences": reset_gradient_by_differences,
    },
    "5.4": {
        "the variance": lambda y: np.var(y, axis=0).mean(),
        "mean of squares minus square of mean": lambda y: np.mean(
            (y**2).mean(axis=0) - y.mean(axis=0) ** 2
        ),
    },
    "5.5": {
        "split and join": z_negated_by_split,
        "a matrix of signs": lambda W, U, b: tuple(
            w @ np.diag([-1] * len(U) + [1] * 2 * len(U)) for w in (W, U, b)
        ),
    },
    "6.1": {
        "the formula of the roots": lambda n, f: (
            (math.isqrt((f + 1) ** 2 + n) - (f + 1)) // 2
        ),
        "counted down": lambda n, f: next(
            u for u in range(n, -1, -1) if lstm_weights(u, f) <= n
        ),
    },
    "6.2": {
        "SciPy's interval": lambda a, b: [
            np.mean(np.subtract(a, b)),
            np.subtract(*ends_by_scipy(np.subtract(a, b))) / 2,
        ],
        "statistics": lambda a, b: np.array(
            [
                statistics.fmean(a) - statistics.fmean(b),
                statistics.stdev(x - y for x, y in zip(a, b, strict=True))
                * student_t.ppf(0.975, len(a) - 1)
                / len(a) ** 0.5,
            ]
        ),
    },
    "6.3": {
        "by sign": lambda t, s, u, ms, h: min(
            (
                n * ms / 1000
                for v, n in zip(s, u, strict=True)
                if (v - t) * (1 if h else -1) >= 0
            ),
            default=float("inf"),
        ),
    },
    "6.4": {
        "against a mask made of the lengths": lambda mask: bool(
            mask.any(axis=1).all()
            and (
                mask == (np.arange(mask.shape[1]) < mask.sum(axis=1, keepdims=True))
            ).all()
        ),
        "sorted": lambda mask: all(
            any(row) and list(row) == sorted(row, reverse=True) for row in mask
        ),
        "the running minimum": lambda mask: (
            np.array_equal(np.logical_and.accumulate(mask, axis=1), mask)
            and mask[:, 0].all()
        ),
    },
    "6.5": {
        "padding by padding": lambda n, k: (
            sum(max(part) - m for part in chunks(n, k) for m in part)
            / sum(max(part) for part in chunks(n, k) for _ in part)
        ),
    },
    "7.1": {
        "by places": reversed_by_places,
        "lists": lambda rows, lengths: [
            [*row[:n][::-1].tolist(), *row[n:].tolist()]
            for row, n in zip(rows, lengths, strict=True)
        ],
    },
    "7.2": {
        "np.where": lambda states, n: np.where(
            np.arange(states.shape[1]) < states.shape[1] // 2, states[n - 1], states[0]
        ),
        "a list": lambda states, n: [
            *states[n - 1, : states.shape[1] // 2].tolist(),
            *states[0, states.shape[1] // 2 :].tolist(),
        ],
    },
    "7.3": {
        "by precision and recall": f1_by_rates,
        "with sentence numbers": f1_with_sentence_numbers,
    },
    "7.4": {
        "sum over sum": lambda t, p, m: ((t == p) & m).sum() / m.sum(),
        "weights": lambda t, p, m: np.average(t == p, weights=m),
        "loops": accuracy_by_loops,
    },
    "7.5": {
        "from the second place on": causal_if(nothing_before, lambda n: range(1, n)),
        "backwards": causal_if(nothing_before, lambda n: reversed(range(n))),
        "the largest move": causal_if(
            lambda d, t: np.max(abs(d[:t]), initial=0) <= 1e-9
        ),
    },
    "8.1": {
        "by a loop": table_gradient_by_loop,
        "one-hot": lambda ids, G, rows: np.eye(rows)[ids].T @ G,
    },
    "8.2": {
        "by a loop": most_similar_by(cosine_of),
        "the squared distance of unit vectors": most_similar_by(
            lambda e, w: -np.sum((e / np.linalg.norm(e) - w / np.linalg.norm(w)) ** 2)
        ),
    },
    "8.3": {
        "the words left are compared": lambda E, a, b, c: max(
            set(range(len(E))) - {a, b, c}, key=lambda i: E[i] @ (E[b] - E[a] + E[c])
        ),
        "three cosines": lambda E, a, b, c: max(
            set(range(len(E))) - {a, b, c},
            key=lambda i: E[i] @ E[b] - E[i] @ E[a] + E[i] @ E[c],
        ),
    },
    "8.4": {
        "shares first, then normalised again": lambda counts, power: (
            (counts / counts.sum()) ** power / np.sum((counts / counts.sum()) ** power)
        ),
        "a list": lambda counts, power: [
            float(c**power / sum(n**power for n in counts)) for c in counts
        ],
    },
    "8.5": {
        "eigenvalues of the covariance": share_by_covariance,
        "variances of the coordinates": lambda points, k: (
            (np.linalg.svd(points - points.mean(axis=0))[1][:k] ** 2).sum()
            / ((points - points.mean(axis=0)) ** 2).sum()
        ),
    },
}

for file in sorted(Path(__file__).parent.glob("answers_*.py")):
    answers = importlib.import_module(file.stem)
    WRONG |= answers.WRONG
    RIGHT |= answers.RIGHT

WRONG_CASES = [
    (exercise, name, answer)
    for exercise in EXERCISES
    for name, answer in {**EMPTY_ANSWERS, **WRONG.get(exercise, {})}.items()
]
RIGHT_CASES = [
    (exercise, name, answer)
    for exercise in EXERCISES
    for name, answer in RIGHT.get(exercise, {}).items()
]


def ids(cases: list[tuple]) -> list[str]:
    """Return the tests' names: the exercise and the answer's name."""
    return [f"{exercise} {name}" for exercise, name, _ in cases]


def free_names(node: ast.AST) -> set[str]:
    """Return the names that a piece of code uses and does not define."""
    parts = list(ast.walk(node))
    names = [part for part in parts if isinstance(part, ast.Name)]
    own = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    own |= {part.arg for part in parts if isinstance(part, ast.arg)}
    own |= {part.name for part in parts if isinstance(part, ast.FunctionDef)}
    return {name.id for name in names} - own


def defined_names(statement: ast.stmt) -> set[str]:
    """Return the names that an import, a function or an assignment defines."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in statement.names}
    if isinstance(statement, ast.FunctionDef):
        return {statement.name}
    if isinstance(statement, ast.Assign):
        return {n.id for t in statement.targets for n in ast.walk(t) if "id" in vars(n)}
    return set()


@cache
def surroundings(exercise: str) -> dict:
    """Define what an exercise's check and solution use of the cells above them.

    Only the imports, functions and variables that they need are run, so a check
    cannot depend on a trained network.
    """
    notebook = load(EXERCISES[exercise])
    check_cell = exercise_cell(notebook, exercise, "check")
    solution = function_in(exercise_cell(notebook, exercise, "solution"))
    cells = code_cells(notebook)
    statements = []
    for cell in cells[: cells.index(check_cell)]:
        if not {"setup", *EXERCISE_PARTS} & set(tags(cell)):
            statements += ast.parse(cell.source).body
    last = {}  # name → the last place that defines it
    for place, statement in enumerate(statements):
        last |= dict.fromkeys(defined_names(statement), place)
    wanted = free_names(ast.parse(check_cell.source)) | free_names(solution)
    places: set[int] = set()
    while new := {last[name] for name in wanted if name in last} - places:
        places |= new
        wanted = set().union(*(free_names(statements[place]) for place in new))
    body = [statements[place] for place in sorted(places)]
    namespace: dict = {}
    exec(compile(ast.Module(body, []), f"<above {exercise}>", "exec"), namespace)
    return namespace


def verdict(exercise: str, answer: Callable) -> bool:
    """Run an exercise's check cell on an answer."""
    notebook = load(EXERCISES[exercise])
    results = []

    def check(*args, **kwargs):
        results.append(exercises.check(*args, **kwargs))
        return results[-1]

    student = function_in(exercise_cell(notebook, exercise, "exercise"))
    namespace = surroundings(exercise) | {"check": check, student.name: answer}
    cell = exercise_cell(notebook, exercise, "check")
    with np.errstate(all="ignore"):
        exec(compile(cell.source, f"<check {exercise}>", "exec"), namespace)
    assert len(results) == 1, f"the check cell of {exercise} must call check once"
    return results[0]


def answer_in_cell(exercise: str, part: str) -> Callable:
    """Return the function that the student's or the solution cell defines."""
    function = function_in(exercise_cell(load(EXERCISES[exercise]), exercise, part))
    namespace = dict(surroundings(exercise))
    module = ast.Module([function], type_ignores=[])
    exec(compile(module, f"<{part} {exercise}>", "exec"), namespace)
    return namespace[function.name]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_exercise_has_wrong_and_right_answers(exercise):
    assert len(WRONG.get(exercise, {})) >= 3, f"add wrong answers for {exercise}"
    assert len(RIGHT.get(exercise, {})) >= 1, f"add a right answer for {exercise}"


def test_no_answers_for_an_exercise_that_is_gone():
    assert set(WRONG) | set(RIGHT) <= set(EXERCISES)


@pytest.mark.parametrize(
    ("exercise", "name", "answer"), WRONG_CASES, ids=ids(WRONG_CASES)
)
def test_wrong_answer_fails(exercise, name, answer, capsys):
    assert not verdict(exercise, answer), f"{exercise} accepts a wrong answer: {name}"
    printed = capsys.readouterr().out
    assert printed.startswith(f"✗ {exercise}, case "), printed


@pytest.mark.parametrize(
    ("exercise", "name", "answer"), RIGHT_CASES, ids=ids(RIGHT_CASES)
)
def test_right_answer_passes(exercise, name, answer, capsys):
    passed = verdict(exercise, answer)
    assert passed, f"{exercise} refuses {name}:\n{capsys.readouterr().out}"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_untouched_cell_says_not_attempted(exercise, capsys):
    assert not verdict(exercise, answer_in_cell(exercise, "exercise"))
    assert capsys.readouterr().out == f"· {exercise}: not attempted yet.\n"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_solution_passes_the_same_check(exercise):
    assert verdict(exercise, answer_in_cell(exercise, "solution"))


def test_share_of_wrong_answers_caught(capsys):
    missed = [f"{e} {name}" for e, name, answer in WRONG_CASES if verdict(e, answer)]
    caught, total = len(WRONG_CASES) - len(missed), len(WRONG_CASES)
    with capsys.disabled():
        print(f"\nwrong answers caught: {caught}/{total}")
    assert total > 0 and not missed, f"caught {caught}/{total}; accepted: {missed}"
