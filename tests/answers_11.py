"""Wrong and right answers to the exercises of notebook 11; see test_exercises.py."""

import numpy as np

# --- 11.1 -------------------------------------------------------------------


def cut(values, length, ahead, shift=0, drop=0):
    """Windows whose targets begin `shift` days too early or late."""
    n = len(values) - length - ahead + 1 - drop
    first = length + shift
    return (
        np.array([values[i : i + length] for i in range(n)]),
        np.array([values[i + first : i + first + ahead] for i in range(n)]),
    )


def only_the_last_day(values, length, ahead):
    inputs, targets = cut(values, length, ahead)
    return inputs, targets[:, -1]


def wraps_around(values, length, ahead):
    n = len(values) - length + 1
    rows = np.arange(n)[:, None]
    return (
        values[rows + np.arange(length)],
        values[(rows + length + np.arange(ahead)) % len(values)],
    )


def no_overlap(values, length, ahead):
    inputs, targets = cut(values, length, ahead)
    return inputs[::length], targets[::length]


def by_sliding_views(values, length, ahead):
    both = np.lib.stride_tricks.sliding_window_view(values, length + ahead)
    return both[:, :length], both[:, length:]


# --- 11.2 -------------------------------------------------------------------


def each_part_alone(values, fit):
    out = np.empty(len(values))
    for part in (fit, ~fit):
        out[part] = (values[part] - values[part].mean()) / max(values[part].std(), 1)
    return out


def between_0_and_1(values, fit):
    low, high = values[fit].min(), values[fit].max()
    return (values - low) / (high - low)


# --- 11.3 -------------------------------------------------------------------


def moved_rows(features, values, day, amount=1.0):
    changed = values.copy()
    changed[day] += amount
    moved = abs(features(changed) - features(values)).reshape(len(values), -1)
    return np.flatnonzero(moved.max(axis=1) > 1e-9)


def look_ahead_by(number, days=range):
    """Look ahead, with some other number for each day."""

    def answer(features, values):
        n = len(values)
        found = [number(day, moved_rows(features, values, day)) for day in days(n)]
        return max([0, *found])

    return answer


def first(day, rows):
    return day - rows[0] if len(rows) else 0


def first_leak(features, values):
    for day in range(len(values)):
        rows = moved_rows(features, values, day)
        if len(rows) and rows[0] < day:
            return day - rows[0]
    return 0


def changes_pile_up(features, values):
    before, changed, most = features(values), values.copy(), 0
    for day in range(len(values)):
        changed[day] += 1
        moved = abs(features(changed) - before).reshape(len(values), -1)
        rows = np.flatnonzero(moved.max(axis=1) > 1e-9)
        most = max(most, day - rows[0]) if len(rows) else most
    return most


def first_column_only(features, values):
    return look_ahead_by(first)(lambda v: features(v).reshape(len(v), -1)[:, 0], values)


def from_the_sum(features, values):
    return look_ahead_by(first)(lambda v: np.full(len(v), features(v).sum()), values)


def from_gradients(features, values):
    """By a table of all effects, backwards."""
    n = len(values)
    for far in range(n - 1, 0, -1):
        for day in range(far, n):
            if day - far in moved_rows(features, values, day, -0.5):
                return far
    return 0


# --- 11.4 -------------------------------------------------------------------


def middle(means, share=95):
    return np.percentile(means, [(100 - share) / 2, (100 + share) / 2])


def unpaired(a, b, rows):
    return middle(a[rows].mean(axis=1) - b[rows[::-1]].mean(axis=1))


def two_intervals(a, b, rows):
    (low_a, high_a), (low_b, high_b) = (middle(v[rows].mean(axis=1)) for v in (a, b))
    return low_a - high_b, high_a - low_b


def as_if_independent(a, b, rows):
    d = a - b
    half = 1.96 * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


def by_sorting(a, b, rows):
    means = [np.mean([a[i] - b[i] for i in row]) for row in rows]
    return tuple(np.quantile(means, q) for q in (0.025, 0.975))


# --- 11.5 -------------------------------------------------------------------


def correlation(a, b):
    return np.corrcoef(a, b)[0, 1]


def lag_by(score):
    """The lag with the highest score of the days that both have."""

    def answer(forecast, truth, lags):
        n = len(truth)
        return int(
            np.argmax([score(forecast[k:], truth[: n - k]) for k in range(lags)])
        )

    return answer


def leads(forecast, truth, lags):
    n = len(truth)
    return int(
        np.argmax([correlation(forecast[: n - k], truth[k:]) for k in range(lags)])
    )


def by_pandas_like_loops(forecast, truth, lags):
    best, at = -2.0, 0
    for k in range(lags):
        a = [forecast[t] for t in range(k, len(truth))]
        b = [truth[t - k] for t in range(k, len(truth))]
        a, b = np.array(a) - np.mean(a), np.array(b) - np.mean(b)
        r = (a @ b) / np.sqrt((a @ a) * (b @ b))
        if r > best:
            best, at = r, k
    return at


WRONG = {
    "11.1": {
        "the last input is the first target": lambda v, k, a: cut(v, k, a, shift=-1),
        "a day too late": lambda v, k, a: cut(v, k, a, shift=1),
        "the last window is missing": lambda v, k, a: cut(v, k, a, drop=1),
        "only the last day": only_the_last_day,
        "wraps around": wraps_around,
        "windows without overlap": no_overlap,
        "targets first": lambda v, k, a: cut(v, k, a)[::-1],
        "targets backwards": lambda v, k, a: (
            cut(v, k, a)[0],
            cut(v, k, a)[1][:, ::-1],
        ),
    },
    "11.2": {
        "fitted on all rows": lambda v, fit: (v - v.mean()) / v.std(),
        "each part alone": each_part_alone,
        "only the rows in fit": lambda v, fit: (v[fit] - v[fit].mean()) / v[fit].std(),
        "minimum and maximum": between_0_and_1,
        "variance": lambda v, fit: (v - v[fit].mean()) / v[fit].var(),
        "mean of all rows": lambda v, fit: (v - v.mean()) / v[fit].std(),
        "scale of all rows": lambda v, fit: (v - v[fit].mean()) / v.std(),
        "n − 1": lambda v, fit: (v - v[fit].mean()) / v[fit].std(ddof=1),
        "divides first": lambda v, fit: v / v[fit].std() - v[fit].mean(),
        "the other rows": lambda v, fit: (v - v[~fit].mean()) / (v[~fit].std() + 1),
    },
    "11.3": {
        "only the last day is changed": look_ahead_by(first, lambda n: [n - 1]),
        "only the first day is changed": look_ahead_by(first, lambda n: [0]),
        "the first leak": first_leak,
        "the changes pile up": changes_pile_up,
        "memory, not look-ahead": look_ahead_by(
            lambda day, rows: rows[-1] - day if len(rows) else 0
        ),
        "both directions": look_ahead_by(
            lambda day, rows: max(abs(rows - day), default=0)
        ),
        "the number of rows that move": look_ahead_by(
            lambda day, rows: int((rows < day).sum()) + (len(rows) > 1)
        ),
        "the day itself counts": look_ahead_by(
            lambda day, rows: day - rows[0] + 1 if len(rows) else 0
        ),
        "yes or no": look_ahead_by(lambda day, rows: int(first(day, rows) > 0)),
        "the first column only": first_column_only,
        "the sum of all rows": from_the_sum,
    },
    "11.4": {
        "not paired": unpaired,
        "two intervals": two_intervals,
        "b − a": lambda a, b, rows: middle((b - a)[rows].mean(axis=1)),
        "90 %": lambda a, b, rows: middle((a - b)[rows].mean(axis=1), 90),
        "as if the days were independent": as_if_independent,
        "absolute differences": lambda a, b, r: middle(abs(a - b)[r].mean(axis=1)),
        "the wrong axis": lambda a, b, rows: middle((a - b)[rows].mean(axis=0)),
        "days, not means": lambda a, b, rows: middle((a - b)[rows]),
        "medians": lambda a, b, rows: middle(np.median((a - b)[rows], axis=1)),
        "upper end first": lambda a, b, r: middle((a - b)[r].mean(axis=1))[::-1],
    },
    "11.5": {
        "the forecast leads": leads,
        "strongest, also negative": lag_by(lambda a, b: abs(correlation(a, b))),
        "smallest error": lag_by(lambda a, b: -np.mean(abs(a - b))),
        "covariance": lag_by(lambda a, b: np.cov(a, b)[0, 1]),
        "product, not centred": lag_by(lambda a, b: np.mean(a * b)),
        "starts at 1": lambda f, t, lags: max(
            range(1, lags), key=lambda k: correlation(f[k:], t[: len(t) - k])
        ),
        "the last lag is missing": lambda f, t, lags: max(
            range(max(1, lags - 1)), key=lambda k: correlation(f[k:], t[: len(t) - k])
        ),
        "counts from 1": lambda f, t, lags: 1 + lag_by(correlation)(f, t, lags),
        "the correlation, not the lag": lambda f, t, lags: max(
            correlation(f[k:], t[: len(t) - k]) for k in range(lags)
        ),
    },
}

RIGHT = {
    "11.1": {"by slices": cut, "sliding views": by_sliding_views},
    "11.2": {
        "by hand": lambda v, fit: (
            (v - np.mean(v[fit])) / np.sqrt(np.mean((v[fit] - np.mean(v[fit])) ** 2))
        ),
        "weights": lambda v, fit: (
            (v - np.average(v, weights=fit))
            / np.sqrt(np.average((v - np.average(v, weights=fit)) ** 2, weights=fit))
        ),
    },
    "11.3": {
        "a maximum": look_ahead_by(first),
        "all pairs, the furthest first": from_gradients,
    },
    "11.4": {
        "quantiles of loops": by_sorting,
        "difference of the two means": lambda a, b, rows: middle(
            a[rows].mean(axis=1) - b[rows].mean(axis=1)
        ),
    },
    "11.5": {"argmax": lag_by(correlation), "loops": by_pandas_like_loops},
}
