"""Notebook 11: its windows, forecasts, intervals and leak test are what they say."""

from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_cells import ROOT, load
from recurrent_cases import SEEDS, few_examples, functions, with_bug
from scipy.signal import lfilter
from sklearn.linear_model import Ridge

NOTEBOOK = load("11")
DAYS, LENGTH = 120, 5
NAMES = (
    "prepare autocorrelation windows leaks inputs_by_day around filled days_before mae "
    "linear sequences feed_back bootstrap_means block_interval lag_profile ridge_score "
    "shuffled_score"
).split()


def world(seed):
    """The variables that the notebook's functions use, for a random series."""
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * np.arange(DAYS) / 365.25
    y = 11 + 4 * np.sin(angle) + rng.normal(0, 2, DAYS)
    real = np.ones(DAYS, bool)
    real[[40, 90]] = False
    row = np.arange(DAYS)
    values = {
        "y": y,
        "real": real,
        "train": real & (row < 70),
        "valid": real & (row >= 70) & (row < 91),
        "test": row >= 91,
        "time_of_year": np.column_stack([np.sin(angle), np.cos(angle)]),
    }
    return values | {"LENGTH": LENGTH, "SEED": 7, "BLOCK": 6}


@pytest.fixture(scope="module")
def notebook():
    space = functions(NOTEBOOK, *NAMES, **world(1))  # its functions look in here
    prepared = space["prepare"](space["y"], space["train"])
    space |= dict(zip(("z", "season", "scale"), prepared, strict=True))
    space["CODED"] = {"plain": (*prepared, False), "dated": (*prepared, True)}
    module = ModuleType("notebook_11")
    vars(module).update(space)
    return module


# --- Windows -----------------------------------------------------------------


def windows_by_hand(values, length, horizon):
    """The definition, day by day."""
    inputs, rows = [], []
    for t in range(len(values)):
        if t - length + 1 >= 0 and t + horizon < len(values):
            inputs.append(values[t - length + 1 : t + 1])
            rows.append(t + horizon)
    return np.array(inputs), np.array(rows)


@few_examples
@given(st.integers(1, 6), st.integers(0, 8), st.integers(1, 3), SEEDS)
def test_windows_equal_the_definition(notebook, length, horizon, columns, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(int(rng.integers(length + horizon, 40)), columns))
    values = values[:, 0] if columns == 1 else values
    found = notebook.windows(values, length, horizon)
    for ours, wanted in zip(
        found, windows_by_hand(values, length, horizon), strict=True
    ):
        assert np.array_equal(ours, wanted)


@pytest.mark.parametrize("horizon", [1, 2, 7])
def test_sequences_end_horizon_days_before_their_target(notebook, horizon):
    x, target = notebook.sequences(horizon)
    assert x.shape == (DAYS - LENGTH - horizon + 1, LENGTH, 3)
    for row, day in ((0, LENGTH - 1 + horizon), (len(x) - 1, DAYS - 1)):
        assert target[row] == day
        last = day - horizon
        np.testing.assert_allclose(x[row, -1, 0], notebook.z[last], rtol=1e-6)
        np.testing.assert_allclose(
            x[row, -1, 1:], notebook.time_of_year[last], rtol=1e-5, atol=1e-6
        )


# --- Season, scale, forecasts --------------------------------------------------


@few_examples
@given(SEEDS)
def test_prepare_fits_the_rows_it_is_given(notebook, seed):
    rng = np.random.default_rng(seed)
    y, fit = rng.normal(11, 3, DAYS), rng.random(DAYS) < 0.7
    z, season, scale = notebook.prepare(y, fit)
    np.testing.assert_allclose(z * scale + season, y)
    assert np.isclose(z[fit].mean(), 0, atol=1e-8) and np.isclose(z[fit].std(), 1)
    for wave in notebook.time_of_year.T:  # least squares: nothing of the wave is left
        assert abs(z[fit] @ wave[fit]) < 1e-6
    changed = np.where(fit, y, y + 100)
    moved = notebook.prepare(changed, fit)
    assert np.allclose(moved[1], season) and np.isclose(moved[2], scale)


def test_days_before_and_mae(notebook):
    for h in (1, 7):
        late = notebook.days_before(h)
        assert np.isnan(late[:h]).all()
        assert all(late[d] == notebook.y[d - h] for d in range(h, DAYS))
    shifted = notebook.y + np.where(np.arange(DAYS) % 2, 1.0, -3.0)
    part = np.arange(DAYS) < 10
    assert np.isclose(notebook.mae(shifted, part), 2.0)
    assert np.isnan(notebook.mae(notebook.days_before(1), part)), "a day is missing"


@pytest.mark.parametrize("kind", ["plain", "dated"])
@pytest.mark.parametrize(("length", "horizon"), [(1, 1), (4, 1), (3, 7)])
def test_linear_equals_normal_equations(notebook, kind, length, horizon):
    """Ridge regression, solved by hand from the training days only."""
    alpha, z, fit = 2.5, notebook.z, notebook.train
    rows, wanted = [], []
    for d in range(length - 1 + horizon, DAYS):
        x = list(z[d - horizon - length + 1 : d - horizon + 1])
        if kind == "dated":
            x += [*notebook.time_of_year[d], *(x[-1] * notebook.time_of_year[d])]
        rows.append(x)
        wanted.append(d)
    X, wanted = np.array(rows), np.array(wanted)
    used = fit[wanted]
    mean, target = X[used].mean(axis=0), z[wanted][used]
    centred = X[used] - mean
    w = np.linalg.solve(
        centred.T @ centred + alpha * np.eye(X.shape[1]),
        centred.T @ (target - target.mean()),
    )
    guess = target.mean() + (X - mean) @ w
    forecast = notebook.linear(kind, length, horizon, Ridge(alpha=alpha))
    assert np.isnan(forecast[: wanted[0]]).all()
    np.testing.assert_allclose(
        forecast[wanted], notebook.season[wanted] + notebook.scale * guess, rtol=1e-6
    )


def test_feed_back_uses_the_days_that_it_forecast(notebook):
    def half(x):
        """Tomorrow's anomaly is half of today's."""
        return x[:, -1:, 0] / 2

    forecast = notebook.feed_back(half, 3)
    for day in range(LENGTH + 2, DAYS):
        wanted = notebook.season[day] + notebook.scale * notebook.z[day - 3] / 8
        assert np.isclose(forecast[day], wanted, rtol=1e-5)
    assert np.isnan(forecast[: LENGTH + 2]).all()


def test_feed_back_tells_the_time_of_year(notebook):
    seen = []
    notebook.feed_back(lambda x: seen.append(x[:, -1, 1:]) or x[:, -1, 0], 3)
    for k, dates in enumerate(seen):
        first = LENGTH - 1 + k  # the last day of the first window, k days later
        np.testing.assert_allclose(
            dates[0], notebook.time_of_year[first], rtol=1e-5, atol=1e-6
        )


# --- Intervals ------------------------------------------------------------------


@few_examples
@given(SEEDS)
def test_autocorrelation(notebook, seed):
    v = np.random.default_rng(seed).normal(size=30)
    for lag in (1, 4):
        wanted = pd.Series(v).corr(pd.Series(v).shift(lag))
        assert np.isclose(notebook.autocorrelation(v, lag), wanted)


def test_bootstrap_draws_whole_blocks_that_go_round(notebook):
    """Powers of two tell from a mean which days are in it, for one block a sample."""
    values = 2.0 ** np.arange(5)
    blocks = {sum(2 ** ((s + i) % 5) for i in range(5)) for s in range(5)}
    means = notebook.bootstrap_means(values, 5, draws=50)
    assert {round(m * 5) for m in means} <= blocks
    pairs = [2 ** (s % 5) + 2 ** ((s + 1) % 5) for s in range(5)]
    allowed = {a + b + 2**c for a in pairs for b in pairs for c in range(5)}
    found = {round(m * 5) for m in notebook.bootstrap_means(values, 2, draws=300)}
    assert found <= allowed and len(found) > 20
    assert max(found) <= 2 * (8 + 16) + 16


def test_bootstrap_of_single_days_equals_the_formula(notebook):
    v = np.random.default_rng(2).normal(size=400)
    means = notebook.bootstrap_means(v, 1, draws=3000)
    assert np.isclose(means.mean(), v.mean(), atol=0.01)
    assert np.isclose(means.std(), v.std() / 20, rtol=0.05)


def test_blocks_know_that_neighbours_are_alike(notebook):
    """The standard error of a mean of dependent values, from theory."""
    kept, n = 0.6, 20_000
    noise = np.random.default_rng(3).normal(size=n)
    v = lfilter([1], [1, -kept], noise)
    theory = 1 / (1 - kept) / np.sqrt(n)
    by_blocks = notebook.bootstrap_means(v, 60, draws=400).std()
    by_days = notebook.bootstrap_means(v, 1, draws=400).std()
    assert np.isclose(by_blocks, theory, rtol=0.15)
    assert by_days < 0.6 * theory


def test_block_interval_is_the_middle_of_the_means(notebook):
    v = np.random.default_rng(4).normal(size=50)
    means = np.sort(notebook.bootstrap_means(v, 6))
    low, high = notebook.block_interval(v)
    assert np.isclose((means < low).mean(), 0.025, atol=0.001)
    assert np.isclose((means > high).mean(), 0.025, atol=0.001)


# --- Lagged copies ----------------------------------------------------------------


@pytest.mark.parametrize("late", [0, 1, 4])
def test_lag_profile_finds_a_copy(notebook, late):
    truth = notebook.y - notebook.season
    copy = notebook.season + 0.3 * np.roll(truth, late)
    profile = notebook.lag_profile(copy)
    assert profile.argmax() == late and np.isclose(profile[late], 1)
    assert len(profile) == 11


# --- Leaks ------------------------------------------------------------------------

FEATURES = {
    "the day itself": (lambda v: v, False),
    "the day before": (lambda v: np.append(0.0, v[:-1]), False),
    "sum of the past": (np.cumsum, False),
    "largest so far": (np.maximum.accumulate, False),
    "the next day": (lambda v: np.append(v[1:], 0.0), True),
    "minus the mean of all": (lambda v: v - v.mean(), True),
    "difference to the next": (lambda v: np.append(v[1:] - v[:-1], 0.0), True),
    "largest of all": (lambda v: v / abs(v).max(), True),
    "rank among all": (lambda v: np.argsort(np.argsort(v)), True),
}


@pytest.mark.parametrize("name", FEATURES)
def test_leak_test(notebook, name):
    features, wanted = FEATURES[name]
    y = notebook.y
    assert any(notebook.leaks(features, y, day) for day in (20, 60, 110)) == wanted
    assert not notebook.leaks(features, y, DAYS - 1), "no day is left to change"


def test_leak_test_on_the_programs_of_the_notebook(notebook):
    cuts = (69, 90, 100)
    wanted = {
        "ours": (notebook.inputs_by_day, (False, False, False)),
        "all days": (lambda v: notebook.inputs_by_day(v, notebook.real), (True,) * 3),
        "around": (lambda v: notebook.around(v, 7), (True,) * 3),
        # the missing days are 40 and 90: only day 90 knows the day after
        "line": (lambda v: notebook.filled(v, "interpolate"), (False, True, False)),
        "last": (lambda v: notebook.filled(v, "ffill"), (False, False, False)),
    }
    for name, (program, leaks) in wanted.items():
        found = tuple(notebook.leaks(program, notebook.y, day) for day in cuts)
        assert found == leaks, name


def test_inputs_by_day_end_with_the_day(notebook):
    inputs = notebook.inputs_by_day(notebook.y)
    assert inputs.shape == (DAYS, LENGTH)
    np.testing.assert_allclose(inputs[LENGTH - 1 :, -1], notebook.z[LENGTH - 1 :])
    assert not inputs[: LENGTH - 1].any()


def test_ridge_score_is_honest(notebook):
    """The same as a forecast of `linear`, scored on the validation days."""
    z, season, scale = notebook.z, notebook.season, notebook.scale
    forecast = notebook.linear("plain", LENGTH, 2, Ridge(alpha=10))
    wanted = notebook.mae(forecast, notebook.valid)
    assert np.isclose(notebook.ridge_score(z, season, scale, 2), wanted)
    smooth = notebook.around(z, 3)
    assert notebook.ridge_score(z, season, scale, 1, smooth) < wanted


def test_shuffled_score_never_trains_on_the_row_it_scores(notebook):
    class Memory(Ridge):
        """Knows every row that it was trained on, and nothing else."""

        def fit(self, X, y):
            self.known = {x.tobytes(): value for x, value in zip(X, y, strict=True)}
            return self

        def predict(self, X):
            return np.array([self.known.get(x.tobytes(), np.inf) for x in X])

    rng = np.random.default_rng(5)
    X, values = rng.normal(size=(50, 2)), rng.normal(size=50)
    known, scored = np.arange(50) < 40, (np.arange(50) >= 30) & (np.arange(50) < 40)
    assert notebook.shuffled_score(Memory(), X, values, known, scored) == np.inf
    by_mean = notebook.shuffled_score(Ridge(alpha=1e9), X, values, known, scored)
    assert np.isclose(by_mean, abs(values[30:40] - values[:40].mean()).mean(), rtol=0.1)


# --- Can these comparisons fail? -----------------------------------------------------

# Name: (function, old text, new text)
BUGS = {
    "horizon one too short": ("windows", "last + horizon)", "last + horizon - 1)"),
    "a day is lost": (
        "windows",
        "len(values) - horizon)",
        "len(values) - horizon - 1)",
    ),
    "windows end too early": (
        "windows",
        "np.arange(1 - length, 1)",
        "np.arange(-length, 0)",
    ),
    "backwards": ("windows", "np.arange(1 - length, 1)", "-np.arange(length)"),
    "the day itself is changed too": ("leaks", "> day,", ">= day,"),
    "compared with itself": (
        "leaks",
        "features(changed)[:day + 1]",
        "features(values)[:day + 1]",
    ),
    "looks at the day after too": (
        "leaks",
        "features(values)[:day + 1], features(changed)[:day + 1]",
        "features(values)[:day + 2], features(changed)[:day + 2]",
    ),
    "nothing is changed": ("leaks", "values + noise", "values"),
    "fitted on all rows": ("prepare", "lstsq(wave[fit], y[fit]", "lstsq(wave, y"),
    "scale of all rows": ("prepare", "[fit].std()", ".std()"),
    "no blocks": ("bootstrap_means", "np.arange(block)", "rng.integers(0, n, block)"),
    "blocks do not go round": ("bootstrap_means", "% n", "% (n - 1)"),
    "a lag too many": ("lag_profile", "rows - k", "rows - k - 1"),
}
CASES = sorted({name for name, _, _ in BUGS.values()})


def bug_shows(name, function, notebook):
    """True if a comparison with the reference differs."""
    if name == "windows":
        found = function(np.arange(30.0), 4, 3)
        wanted = windows_by_hand(np.arange(30.0), 4, 3)
        return not all(map(np.array_equal, found, wanted))
    if name == "leaks":
        found = [
            any(function(features, notebook.y, day) for day in (20, 60, 110))
            for features, _ in FEATURES.values()
        ]
        return found != [wanted for _, wanted in FEATURES.values()]
    function.__globals__.update(world(1))
    if name == "prepare":
        row = np.arange(DAYS)
        trend = notebook.y + 0.2 * row
        z, _, _ = function(trend, row < 70)
        return not (np.isclose(z[:70].mean(), 0) and np.isclose(z[:70].std(), 1))
    if name == "bootstrap_means":
        means = function(2.0 ** np.arange(5), 5, draws=50)
        return not np.allclose(means, 31 / 5)
    function.__globals__["season"] = notebook.season
    truth = notebook.y - notebook.season
    return function(notebook.season + np.roll(truth, 2)).argmax() != 2


@pytest.mark.parametrize("name", CASES)
def test_case_of_the_bugs_passes_without_a_bug(notebook, name):
    function = functions(NOTEBOOK, name, **world(1))[name]
    assert not bug_shows(name, function, notebook)


@pytest.mark.parametrize("bug", BUGS)
def test_comparison_exposes(notebook, bug):
    name, old, new = BUGS[bug]
    assert bug_shows(name, with_bug(NOTEBOOK, name, old, new), notebook)


# --- Results ---------------------------------------------------------------------


def test_results_file():
    path = ROOT / "data" / "results" / "11_time_series.csv"
    if not path.exists():
        pytest.skip("11_time_series.csv has not been measured yet")
    table = pd.read_csv(path)
    assert list(table.columns) == ["seed", "quantity", "value"]
    runs = table.pivot(index="seed", columns="quantity", values="value")
    assert len(runs) >= 5 and np.isfinite(runs).all(axis=None)
    for h in (1, 7):
        for other in ("linear", "linear, absolute"):
            bar = runs[f"{other}, {h}: MAE"]
            assert bar.nunique() == 1, "the linear models have no seed"
            for name in ("SimpleRNN", "LSTM", "GRU"):
                mean, low, high = (
                    runs[f"{name} - {other}, {h}: {part}"]
                    for part in ("mean", "low", "high")
                )
                score = runs[f"{name}, {h}: MAE"]
                assert score.nunique() == len(runs), "the seeds differ"
                np.testing.assert_allclose(mean, score - bar, atol=2e-6)
                assert (low < mean).all() and (mean < high).all()
                assert ((high - low) / 2 < 0.1 * score).all(), "paired: narrow"
