"""Answers to the exercises of notebook 12: usual mistakes, and right ones."""

import math

import numpy as np


def coupled_by_loops(c_prev, g, f, o):
    c = [k * old + (1 - k) * new for old, new, k in zip(c_prev, g, f, strict=True)]
    return [gate * math.tanh(value) for gate, value in zip(o, c, strict=True)], c


def units_by_the_quadratic_formula(target, blocks, features):
    b = features + 1
    m = int((-b + math.sqrt(b * b + 4 * target / blocks)) / 2) + 1
    while m > 0 and blocks * m * (m + b) > target:
        m -= 1
    return m


def first_that_is_too_large(target, blocks, features):
    m = 0
    while blocks * m * (features + m + 1) <= target:
        m += 1
    return m


def units_below(target, blocks, features):
    m = 0
    while blocks * (m + 1) * (features + m + 2) < target:
        m += 1
    return m


def without_the_bias(target, blocks, features):
    m = 0
    while blocks * (m + 1) * (features + m + 1) <= target:
        m += 1
    return m


def rounded_root(target, blocks, features):
    b = features + 1
    return round((-b + math.sqrt(b * b + 4 * target / blocks)) / 2)


def height_by_recursion(tokens):
    """Reads one expression and returns its height."""
    tokens = iter(tokens)

    def read(token):
        if not token.startswith("["):
            return 0
        below = 0
        while (inside := next(tokens)) != "]":
            below = max(below, read(inside))
        return 1 + below

    return read(next(tokens))


def longest_run_of_closing(tokens):
    longest = run = 0
    for token in tokens:
        run = run + 1 if token == "]" else 0
        longest = max(longest, run)
    return longest


def open_brackets_in_a_row(tokens):
    longest = run = 0
    for token in tokens:
        run = run + 1 if token[0] == "[" else 0
        longest = max(longest, run)
    return longest


def never_closes(tokens):
    return sum(token[0] == "[" for token in tokens)


def leaks_into(f, x, outputs, change):
    """The general form: which outputs are looked at, and what is changed."""
    before = f(x)
    for t in range(len(x) - 1):
        changed = x.copy()
        change(changed, t)
        if not np.allclose(outputs(f(changed), t), outputs(before, t)):
            return True
    return False


def change_all_after(x, t):
    x[t + 1 :] = x[t + 1 :] ** 2 + 3


def change_the_last(x, t):
    x[-1] += 1


def change_the_step_itself(x, t):
    x[t] += 1


def past(y, t):
    return y[: t + 1]


def each_step_alone(f, x):
    """Changes one later input at a time and looks at all outputs before it."""
    before = f(x)
    for t in range(1, len(x)):
        changed = x.copy()
        changed[t] -= 2.5
        if abs(f(changed)[:t] - before[:t]).max() > 1e-9:
            return True
    return False


WRONG = {
    "12.1": {
        "gates exchanged": lambda c, g, f, o: (
            o * np.tanh((1 - f) * c + f * g),
            (1 - f) * c + f * g,
        ),
        "no room is made": lambda c, g, f, o: (o * np.tanh(f * c + g), f * c + g),
        "h from the old c": lambda c, g, f, o: (o * np.tanh(c), f * c + (1 - f) * g),
        "no tanh": lambda c, g, f, o: (
            o * (f * c + (1 - f) * g),
            f * c + (1 - f) * g,
        ),
        "a second tanh of the candidate": lambda c, g, f, o: (
            o * np.tanh(f * c + (1 - f) * np.tanh(g)),
            f * c + (1 - f) * np.tanh(g),
        ),
        "output gate on c": lambda c, g, f, o: (
            np.tanh(o * (f * c + (1 - f) * g)),
            f * c + (1 - f) * g,
        ),
        "(c, h)": lambda c, g, f, o: (
            f * c + (1 - f) * g,
            o * np.tanh(f * c + (1 - f) * g),
        ),
        "only h": lambda c, g, f, o: o * np.tanh(f * c + (1 - f) * g),
    },
    "12.2": {
        "the first that is too large": first_that_is_too_large,
        "below, not at most": units_below,
        "without the bias": without_the_bias,
        "rounded": rounded_root,
        "no recurrent weights": lambda target, blocks, n: target // (blocks * (n + 1)),
        "only recurrent weights": lambda target, blocks, n: math.isqrt(
            target // blocks
        ),
    },
    "12.3": {
        "the other order": lambda p, q: (p[0] * q[0], p[0] * q[1] + p[1]),
        "nothing passes the second gate": lambda p, q: (p[0] * q[0], p[1] + q[1]),
        "gates added": lambda p, q: (p[0] + q[0], q[0] * p[1] + q[1]),
        "only the second gate": lambda p, q: (q[0], q[0] * p[1] + q[1]),
        "both products": lambda p, q: (p[0] * q[0], p[1] * q[1]),
        "(a, f)": lambda p, q: (q[0] * p[1] + q[1], p[0] * q[0]),
    },
    "12.4": {
        "counts operators": never_closes,
        "brackets in a row": open_brackets_in_a_row,
        "closing brackets in a row": longest_run_of_closing,
        "counts all levels but the last": lambda tokens: (
            height_by_recursion(tokens) - 1
        ),
        "counts the leaf too": lambda tokens: height_by_recursion(tokens) + 1,
        "the length": len,
    },
    "12.5": {
        "changes the last step only": lambda f, x: leaks_into(
            f, x, past, change_the_last
        ),
        "looks at the first output only": lambda f, x: leaks_into(
            f, x, lambda y, t: y[:1], change_all_after
        ),
        "looks at the output before": lambda f, x: leaks_into(
            f, x, lambda y, t: y[:t], change_all_after
        ),
        "looks at the changed step too": lambda f, x: leaks_into(
            f, x, lambda y, t: y[: t + 2], change_all_after
        ),
        "changes the step itself": lambda f, x: leaks_into(
            f, x, past, change_the_step_itself
        ),
        "cuts the middle only": lambda f, x: (
            not np.allclose(
                f(np.vstack([x[:3], x[3:] + 5]))[:3],
                f(x)[:3],
            )
        ),
        "the other way round": lambda f, x: not each_step_alone(f, x),
        "always False": lambda f, x: False,
    },
}

RIGHT = {
    "12.1": {
        "by loops": coupled_by_loops,
        "as a mean": lambda c, g, f, o: (
            o * np.tanh(g + f * (c - g)),
            g + f * (c - g),
        ),
    },
    "12.2": {"quadratic formula": units_by_the_quadratic_formula},
    "12.3": {
        "by matrices": lambda p, q: (
            np.multiply(q[0], p[0]),
            np.add(np.multiply(q[0], p[1]), q[1]),
        ),
        "a list": lambda p, q: [q[0] * p[0], q[1] + p[1] * q[0]],
    },
    "12.4": {"by recursion": height_by_recursion},
    "12.5": {
        "each step alone": each_step_alone,
        "another change": lambda f, x: leaks_into(f, x, past, change_all_after),
    },
}
