"""Every check of every exercise: wrong answers fail, right ones pass.

A new exercise needs an entry in WRONG (at least three mistakes that people really
make) and in RIGHT (at least one right answer, written in another way than the
notebook's solution).
"""

import ast
import statistics
from collections.abc import Callable

import numpy as np
import pytest
from notebook_cells import (
    NOTEBOOKS,
    exercise_cell,
    exercise_ids,
    function_in,
    load,
)

from utils import exercises

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


def verdict(exercise: str, answer: Callable) -> bool:
    """Run an exercise's check cell on an answer; nothing else is defined.

    A check cell may use only NumPy, `check`, and the student's function.
    """
    notebook = load(EXERCISES[exercise])
    results = []

    def check(*args, **kwargs):
        results.append(exercises.check(*args, **kwargs))
        return results[-1]

    student = function_in(exercise_cell(notebook, exercise, "exercise"))
    namespace = {"np": np, "check": check, student.name: answer}
    cell = exercise_cell(notebook, exercise, "check")
    with np.errstate(all="ignore"):
        exec(compile(cell.source, f"<check {exercise}>", "exec"), namespace)
    assert len(results) == 1, f"the check cell of {exercise} must call check once"
    return results[0]


def answer_in_cell(exercise: str, part: str) -> Callable:
    """Return the function that the student's or the solution cell defines."""
    function = function_in(exercise_cell(load(EXERCISES[exercise]), exercise, part))
    namespace = {"np": np}
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
