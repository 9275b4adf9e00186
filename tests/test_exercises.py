"""Every check of every exercise: wrong answers fail, right ones pass.

A new exercise needs an entry in WRONG (at least three mistakes that people really
make) and in RIGHT (at least one right answer, written in another way than the
notebook's solution).
"""

import ast
import statistics
from collections.abc import Callable
from functools import cache

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
}

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
