"""Wrong and right answers to the exercises of notebook 13; see test_exercises.py."""

import numpy as np

# --- 13.1 -------------------------------------------------------------------


def softmax(scores, axis=-1):
    weights = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


def attend(scale=lambda d: np.sqrt(d), mask=np.tril, axis=1, late=False):
    """Causal attention with another scale, mask, axis, or order of the parts."""

    def answer(q, k, v):
        scores = q @ k.T / scale(q.shape[1])
        allowed = mask(np.ones(scores.shape)) > 0
        if late:  # forbidden weights become 0, but the rest does not sum to 1
            return (softmax(scores, axis) * allowed) @ v
        return softmax(np.where(allowed, scores, -1e9), axis) @ v

    return answer


def scores_become_zero(q, k, v):
    """A score of 0 does not forbid."""
    return softmax(np.tril(q @ k.T / np.sqrt(q.shape[1]))) @ v


def attention_by_loops(q, k, v):
    out = []
    for t in range(len(q)):
        weights = np.exp([q[t] @ k[s] / len(q[t]) ** 0.5 for s in range(t + 1)])
        mean = sum(w * v[s] for s, w in enumerate(weights)) / weights.sum()
        out.append(mean)
    return np.array(out)


# --- 13.2 -------------------------------------------------------------------


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def states(step):
    """All states, from a step (h, z, candidate) → h."""

    def answer(x, W_z, b_z, W_h, b_h):
        h, out = np.zeros(len(b_h)), []
        for x_t in x:
            h = step(h, sigmoid(x_t @ W_z + b_z), x_t @ W_h + b_h)
            out.append(h)
        return np.array(out)

    return answer


def replace(h, z, c):
    return (1 - z) * h + z * c


def gate_reads_h(x, W_z, b_z, W_h, b_h):
    h, out = np.zeros(len(b_h)), []
    for x_t in x:
        z = sigmoid(x_t @ W_z + b_z + h)
        h = replace(h, z, x_t @ W_h + b_h)
        out.append(h)
    return np.array(out)


def starts_with_the_first_candidate(x, W_z, b_z, W_h, b_h):
    h, out = x[0] @ W_h + b_h, []
    for x_t in x:
        h = replace(h, sigmoid(x_t @ W_z + b_z), x_t @ W_h + b_h)
        out.append(h)
    return np.array(out)


def without_biases(x, W_z, b_z, W_h, b_h):
    return states(replace)(x, W_z, 0 * b_z, W_h, 0 * b_h)


def no_sigmoid(x, W_z, b_z, W_h, b_h):
    h, out = np.zeros(len(b_h)), []
    for x_t in x:
        h = replace(h, x_t @ W_z + b_z, x_t @ W_h + b_h)
        out.append(h)
    return np.array(out)


def min_gru_by_doubling(x, W_z, b_z, W_h, b_h):
    z, reach = sigmoid(x @ W_z + b_z), 1
    keep, new = 1 - z, z * (x @ W_h + b_h)
    while reach < len(x):
        new[reach:] = new[reach:] + keep[reach:] * new[:-reach].copy()
        keep[reach:] = keep[reach:] * keep[:-reach].copy()
        keep[:reach] = 0  # these know all their steps
        reach *= 2
    return new


# --- 13.3 -------------------------------------------------------------------


def blocks(order, transpose=True):
    """Blocks in another order; z, r, h are 0, 1, 2."""

    def answer(U):
        parts = np.split(U, 3, axis=1)
        moved = np.hstack([parts[i] for i in order])
        return moved.T if transpose else moved

    return answer


def each_block_alone(U):
    z, r, h = np.split(U, 3, axis=1)
    return np.vstack([r, z, h])


def by_columns(U):
    n = len(U)
    order = [*range(n, 2 * n), *range(n), *range(2 * n, 3 * n)]
    return np.array([U[:, column] for column in order])


# --- 13.4 -------------------------------------------------------------------


def first_length(attention, gru=lambda n, d: 6 * n * d * d):
    """Look for the first length at which attention costs more."""

    def answer(d):
        n = 1
        while attention(n, d) <= gru(n, d) and n < 10_000:
            n += 1
        return n

    return answer


# --- 13.5 -------------------------------------------------------------------


def window(allowed):
    """A mask from a rule (t − s, window) → bool."""

    def answer(n, size):
        t, s = np.indices((n, n))
        return allowed(t - s, size)

    return answer


WRONG = {
    "13.1": {
        "no division": attend(scale=lambda d: 1),
        "divided by d": attend(scale=lambda d: d),
        "multiplied": attend(scale=lambda d: 1 / np.sqrt(d)),
        "no mask": attend(mask=lambda ones: ones),
        "the mask is transposed": attend(mask=np.triu),
        "one step of the future": attend(mask=lambda ones: np.tril(ones, 1)),
        "not itself": attend(mask=lambda ones: np.tril(ones, -1)),
        "softmax over the queries": attend(axis=0),
        "the mask after the softmax": attend(late=True),
        "a score of 0": scores_become_zero,
        "queries and keys exchanged": lambda q, k, v: attend()(k, q, v),
        "the last step only": lambda q, k, v: attend()(q, k, v)[-1:],
    },
    "13.2": {
        "z keeps": states(lambda h, z, c: z * h + (1 - z) * c),
        "tanh of the candidate": states(lambda h, z, c: replace(h, z, np.tanh(c))),
        "no memory": states(lambda h, z, c: z * c),
        "the new part is not scaled": states(lambda h, z, c: (1 - z) * h + c),
        "nothing is forgotten": states(lambda h, z, c: h + z * c),
        "the gate reads h": gate_reads_h,
        "starts with the candidate": starts_with_the_first_candidate,
        "no biases": without_biases,
        "no sigmoid": no_sigmoid,
        "the last state only": lambda *args: states(replace)(*args)[-1],
    },
    "13.3": {
        "only transposed": blocks((0, 1, 2)),
        "not transposed": blocks((1, 0, 2), transpose=False),
        "backwards": blocks((2, 1, 0)),
        "z and h exchanged": blocks((2, 0, 1)),
        "r last": blocks((0, 2, 1)),
        "reshaped": lambda U: blocks((1, 0, 2), False)(U).reshape(-1, len(U)),
        "each block is not transposed": each_block_alone,
        "exchanged after transposing units": lambda U: U.T[::-1],
    },
    "13.4": {
        "level, not more": lambda d: d,
        "three projections": first_length(lambda n, d: 3 * n * d * d + 2 * n * n * d),
        "no weighted means": first_length(lambda n, d: 4 * n * d * d + n * n * d),
        "scores of half the pairs": first_length(
            lambda n, d: 4 * n * d * d + n * (n + 1) * d
        ),
        "an LSTM": first_length(
            lambda n, d: 4 * n * d * d + 2 * n * n * d, lambda n, d: 8 * n * d * d
        ),
        "one product per block": first_length(
            lambda n, d: 4 * n * d * d + 2 * n * n * d, lambda n, d: 3 * n * d * d
        ),
        "twice the width": lambda d: 2 * d + 1,
    },
    "13.5": {
        "one step of the future": window(lambda back, w: (back >= -1) & (back < w)),
        "window + 1": window(lambda back, w: (back >= 0) & (back <= w)),
        "not itself": window(lambda back, w: (back > 0) & (back <= w)),
        "both sides": window(lambda back, w: abs(back) < w),
        "the window is ignored": window(lambda back, w: back >= 0),
        "transposed": window(lambda back, w: (back <= 0) & (back > -w)),
        "only the far end": window(lambda back, w: back == w - 1),
        "the rest": window(lambda back, w: ~((back >= 0) & (back < w))),
    },
}

RIGHT = {
    "13.1": {"with a large number": attend(), "loops": attention_by_loops},
    "13.2": {"loop": states(replace), "parallel": min_gru_by_doubling},
    "13.3": {"by blocks": blocks((1, 0, 2)), "by columns": by_columns},
    "13.4": {
        "by counting": first_length(lambda n, d: 4 * n * d * d + 2 * n * n * d),
        "a formula": lambda d: 1 + (6 - 4) * d // 2,
    },
    "13.5": {
        "two triangles": lambda n, w: (
            np.tri(n, dtype=bool) & ~np.tri(n, k=-w).astype(bool)
        ),
        "loops": lambda n, w: np.array(
            [[t - w < s <= t for s in range(n)] for t in range(n)]
        ),
    },
}
