"""Notebook 05: its GRU, in all its forms, and its gradients equal Keras's."""

import os
from itertools import product
from types import ModuleType
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_cells import load
from recurrent_cases import (
    MASKS,
    SEEDS,
    SIZES,
    VERSIONS,
    few_examples,
    functions,
    make_mask,
    read_results,
    with_bug,
)

from utils import runtime
from utils.numeric import numerical_gradient, relative_error

with runtime.quiet():
    import keras
    import tensorflow as tf
with mock.patch.dict(os.environ):  # the scripts forbid stand-in data, the tests do not
    from experiments import gru_against_lstm, race

NOTEBOOK = load("05")
AFTER, BEFORE = True, False  # reset_after: where the reset is, seen from the product
FORMS = [(place, z_keeps) for place in (AFTER, BEFORE) for z_keeps in (True, False)]
every_form = pytest.mark.parametrize(("reset_after", "z_keeps"), FORMS)
both_places = pytest.mark.parametrize("reset_after", [AFTER, BEFORE])


@pytest.fixture(scope="module")
def notebook():
    module = ModuleType("notebook_05")
    names = ("gru", "gru_backward", "gru_parameters", "flip_z")
    vars(module).update(functions(NOTEBOOK, *names))
    return module


def make_case(batch, steps, features, units, kind, seed, reset_after):
    """Random x, [W, U, b], mask, and a direct gradient for every state."""
    rng = np.random.default_rng(seed)
    b_shape = (2, 3 * units) if reset_after else (3 * units,)
    shapes = [(features, 3 * units), (units, 3 * units), b_shape]
    weights = [rng.normal(0, 0.7, shape) for shape in shapes]
    x = rng.normal(size=(batch, steps, features))
    mask = make_mask(kind, rng, batch, steps)
    return x, weights, mask, rng.normal(size=(batch, steps, units))


def keras_layer(weights, reset_after, dtype="float64"):
    """A GRU layer with given weights."""
    W, U, _ = weights
    layer = keras.layers.GRU(
        len(U), return_sequences=True, reset_after=reset_after, dtype=dtype
    )
    layer.build((None, None, len(W)))
    layer.set_weights(weights)
    return layer


def forward_error(gru, flip_z, x, weights, mask, reset_after, z_keeps):
    """Largest difference from Keras's states. Convention A gets flipped weights."""
    layer = keras_layer(weights, reset_after, x.dtype.name)
    with keras.device("cpu:0"):  # some GPUs round float32 products
        theirs = keras.ops.convert_to_numpy(layer(x, mask=mask))
    weights = weights if z_keeps else flip_z(*weights)
    return abs(gru(x, *weights, mask, reset_after, z_keeps)["h"] - theirs).max()


def gradient_error(gru, backward, x, weights, mask, v, reset_after):
    """Largest relative error of the gradients of ½ Σ v h², against differences."""

    def loss():
        return 0.5 * (v * gru(x, *weights, mask, reset_after)["h"] ** 2).sum()

    trace = gru(x, *weights, mask, reset_after)
    ours = backward(v * trace["h"], x, trace, *weights[1:], mask, reset_after)
    assert [g.shape for g in ours] == [w.shape for w in weights]
    theirs = [numerical_gradient(loss, w) for w in weights]
    return max(map(relative_error, ours, theirs))


@every_form
@pytest.mark.parametrize(("dtype", "limit"), [("float32", 1e-6), ("float64", 1e-12)])
@few_examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, SEEDS)
def test_forward_equals_keras(
    notebook,
    reset_after,
    z_keeps,
    dtype,
    limit,
    batch,
    steps,
    features,
    units,
    kind,
    seed,
):
    case = make_case(batch, steps, features, units, kind, seed, reset_after)
    x, weights, mask, _ = case
    x, *weights = (array.astype(dtype) for array in (x, *weights))
    trace = notebook.gru(x, *weights, mask, reset_after, z_keeps)
    assert set(trace) == {"z", "r", "candidate", "h", "before"}
    for states in trace.values():
        assert states.shape == (batch, steps, units) and states.dtype == dtype
    args = (x, weights, mask, reset_after, z_keeps)
    assert forward_error(notebook.gru, notebook.flip_z, *args) <= limit


@every_form
@few_examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, SEEDS)
def test_trace_holds_the_equations(
    notebook, reset_after, z_keeps, batch, steps, features, units, kind, seed
):
    case = make_case(batch, steps, features, units, kind, seed, reset_after)
    x, weights, mask, _ = case
    trace = notebook.gru(x, *weights, mask, reset_after, z_keeps)
    z, candidate, h, before = (trace[n] for n in ("z", "candidate", "h", "before"))
    assert np.array_equal(before[:, 1:], h[:, :-1]) and not before[:, 0].any()
    keep = z if z_keeps else 1 - z
    mixed = keep * before + (1 - keep) * candidate
    if mask is not None:
        mixed = np.where(mask[:, :, None], mixed, before)
    np.testing.assert_allclose(h, mixed, rtol=0, atol=1e-14)


@both_places
@pytest.mark.parametrize("z_keeps", [True, False])
def test_forced_gate(notebook, reset_after, z_keeps):
    """z forced to 1: convention B keeps the zeros of the start, A copies."""
    x, weights, _, _ = make_case(2, 4, 3, 5, "none", 1, reset_after)
    weights[2][..., :5] = 50
    trace = notebook.gru(x, *weights, reset_after=reset_after, z_keeps=z_keeps)
    wanted = np.zeros_like(trace["h"]) if z_keeps else trace["candidate"]
    np.testing.assert_allclose(trace["h"], wanted, rtol=0, atol=1e-12)


@both_places
@few_examples
@given(SIZES, SIZES, SEEDS)
def test_flip_z_twice_is_nothing(notebook, reset_after, features, units, seed):
    _, weights, _, _ = make_case(1, 1, features, units, "none", seed, reset_after)
    copies = [w.copy() for w in weights]
    once = notebook.flip_z(*weights)
    for w, flipped in zip(weights, once, strict=True):
        assert np.array_equal(flipped[..., :units], -w[..., :units])
        assert np.array_equal(flipped[..., units:], w[..., units:])
    assert all(map(np.array_equal, notebook.flip_z(*once), weights))
    assert all(map(np.array_equal, copies, weights))


@both_places
@few_examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, SEEDS)
def test_gradients_equal_finite_differences(
    notebook, reset_after, batch, steps, features, units, kind, seed
):
    case = make_case(batch, steps, features, units, kind, seed, reset_after)
    error = gradient_error(notebook.gru, notebook.gru_backward, *case, reset_after)
    assert error <= 1e-7


@both_places
@few_examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, SEEDS)
def test_gradients_equal_tensorflow(
    notebook, reset_after, batch, steps, features, units, kind, seed
):
    case = make_case(batch, steps, features, units, kind, seed, reset_after)
    x, weights, mask, d = case
    layer = keras_layer(weights, reset_after)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(d * layer(x, mask=mask))
    theirs = tape.gradient(loss, [w.value for w in layer.trainable_weights])
    trace = notebook.gru(x, *weights, mask, reset_after)
    ours = notebook.gru_backward(d, x, trace, *weights[1:], mask, reset_after)
    for a, b in zip(ours, theirs, strict=True):
        assert relative_error(a, b.numpy()) <= 1e-6


# Name: (old text, new text, the forms in which the bug must show)
ONLY_AFTER = [form for form in FORMS if form[0] == AFTER]
ONLY_BEFORE = [form for form in FORMS if form[0] == BEFORE]
FORWARD_BUGS = {
    "reset before, not after": (
        "r * h_h if reset_after",
        "((r * h) @ U + b_h)[:, 2 * units:] if reset_after",
        ONLY_AFTER,
    ),
    "reset after, not before": ("r * h @ U[:, 2 * units:]", "r * h_h", ONLY_BEFORE),
    "the second bias is not reset": (
        "r * h_h if",
        "r * (h_h - b_h[2 * units:]) + b_h[2 * units:] if",
        ONLY_AFTER,
    ),
    "no reset": ("r * h_h if", "h_h if", ONLY_AFTER),
    "no reset, the other form": ("else r * h @", "else h @", ONLY_BEFORE),
    "the rows of the bias exchanged": (
        "b if reset_after",
        "b[::-1] if reset_after",
        ONLY_AFTER,
    ),
    "the second bias is forgotten": (
        "b if reset_after",
        "(b[0], 0 * b[1]) if reset_after",
        ONLY_AFTER,
    ),
    "z inverted": ("z if z_keeps else 1 - z", "1 - z if z_keeps else z", FORMS),
    "z always keeps": (
        "z if z_keeps else 1 - z",
        "z",
        [(AFTER, False), (BEFORE, False)],
    ),
    "r and z exchanged": (
        "sigmoid(x_z + h_z), sigmoid(x_r + h_r)",
        "sigmoid(x_r + h_r), sigmoid(x_z + h_z)",
        FORMS,
    ),
    "r and z share a block": ("sigmoid(x_r + h_r)", "sigmoid(x_z + h_z)", FORMS),
    "the blocks in another order": (
        "h @ U + b_h, 3, axis=1)",
        "h @ U + b_h, 3, axis=1)[::-1]",
        FORMS,
    ),
    "no tanh": ("np.tanh(x_h + inner)", "x_h + inner", FORMS),
    "sigmoid for the candidate": (
        "np.tanh(x_h + inner)",
        "sigmoid(x_h + inner)",
        FORMS,
    ),
    "z does not read the state": ("x_z + h_z", "x_z", FORMS),
    "the candidate is added in full": ("(1 - keep) * candidate", "candidate", FORMS),
    "the mask is ignored": ("if mask is None", "if True", FORMS),
    "padding gives zeros": (
        "[:, t, None], h_new, h)",
        "[:, t, None], h_new, 0)",
        FORMS,
    ),
}
BOTH = [AFTER, BEFORE]
BACKWARD_BUGS = {
    "no σ′ of z": ("(h_prev - g) * z * (1 - z)", "(h_prev - g)", BOTH),
    "half of σ′ of z": ("(h_prev - g) * z * (1 - z)", "(h_prev - g) * z", BOTH),
    "no σ′ of r, after": ("n:]) * r * (1 - r)", "n:])", [AFTER]),
    "no σ′ of r, before": ("* h_prev * r * (1 - r)", "* h_prev", [BEFORE]),
    "no tanh′": (" * (1 - g ** 2)", "", BOTH),
    "z for 1 − z": ("dh * (1 - z) * (1 - g", "dh * z * (1 - g", BOTH),
    "h − g the wrong way round": ("(h_prev - g)", "(g - h_prev)", BOTH),
    "shared index": (
        "for name in trace",
        "for name in ('z', 'r', 'candidate', 'h', 'h')",
        BOTH,
    ),
    "h before the product": (
        "da_h * (h_prev @ U_h + b[1, n:])",
        "da_h * h_prev",
        [AFTER],
    ),
    "the bias is not in s": ("h_prev @ U_h + b[1, n:]", "h_prev @ U_h", [AFTER]),
    "the other row of the bias": ("b[1, n:]", "b[0, n:]", [AFTER]),
    "no reset on the way back": (
        "[da_z, da_r, da_h * r]",
        "[da_z, da_r, da_h]",
        [AFTER],
    ),
    "both rows of db are equal": (
        "np.hstack([da_z, da_r, da_h]).sum(0)",
        "rec.sum(0)",
        [AFTER],
    ),
    "h before the reset": ("(r * h_prev).T @ da_h", "h_prev.T @ da_h", [BEFORE]),
    "no reset in the old state": ("da_h @ U_h.T * r", "da_h @ U_h.T", [BEFORE]),
    "s, not h, for r": (
        "da_h @ U_h.T * h_prev * r",
        "da_h * (h_prev @ U_h) * r",
        [BEFORE],
    ),
    "U, not its transpose": ("da_h @ U_h.T * h", "da_h @ U_h * h", [BEFORE]),
    "no gradient from the next h": ("d[:, t] + dh_next", "d[:, t]", BOTH),
    "no path through z": ("dh_next + dh * (real * z + 1 - real)", "dh_next", BOTH),
    "only the path through z": ("dh_next + dh * (real", "dh * (real", BOTH),
    "only the last step": ("dW = dW + ", "dW = ", BOTH),
    "the mask is ignored": ("if mask is None", "if True", BOTH),
    "padding changes z": ("real * dh * (h_prev - g)", "dh * (h_prev - g)", BOTH),
    "padding changes the candidate": ("real * dh * (1 - z)", "dh * (1 - z)", BOTH),
    "padding stops the gradient": ("real * z + 1 - real", "real * z", BOTH),
}


def masked_case(reset_after):
    """A case on which every bug must show: sizes differ, both ends have real steps."""
    x, weights, mask, d = make_case(3, 6, 2, 4, "random", 1, reset_after)
    assert mask[:, 0].any() and mask[:, -1].any() and not mask.all()
    return x, weights, mask, d


@every_form
def test_case_of_the_bugs_passes_without_a_bug(notebook, reset_after, z_keeps):
    case = masked_case(reset_after)
    form = (reset_after, z_keeps)
    assert forward_error(notebook.gru, notebook.flip_z, *case[:3], *form) <= 1e-12
    error = gradient_error(notebook.gru, notebook.gru_backward, *case, reset_after)
    assert error <= 1e-7


@pytest.mark.parametrize("bug", FORWARD_BUGS)
def test_comparison_with_keras_exposes(notebook, bug):
    old, new, forms = FORWARD_BUGS[bug]
    gru = with_bug(NOTEBOOK, "gru", old, new)
    for reset_after, z_keeps in forms:
        case = masked_case(reset_after)[:3]
        error = forward_error(gru, notebook.flip_z, *case, reset_after, z_keeps)
        assert error > 1e-3, (reset_after, z_keeps)


@pytest.mark.parametrize("bug", BACKWARD_BUGS)
def test_gradient_check_exposes(notebook, bug):
    old, new, places = BACKWARD_BUGS[bug]
    backward = with_bug(NOTEBOOK, "gru_backward", old, new)
    for reset_after in places:
        case = masked_case(reset_after)
        error = gradient_error(notebook.gru, backward, *case, reset_after)
        assert error > 1e-3, f"reset_after={reset_after}"


@both_places
def test_the_other_place_of_the_reset_is_another_layer(notebook, reset_after):
    """The weights of one form, put into the other, give other states."""
    x, (W, U, b), _, _ = make_case(3, 6, 2, 4, "none", 1, reset_after)
    other = b.sum(axis=0) if reset_after else np.stack([b, 0 * b])
    first = notebook.gru(x, W, U, b, reset_after=reset_after)["h"]
    second = notebook.gru(x, W, U, other, reset_after=not reset_after)["h"]
    assert abs(first - second).max() > 1e-3


@both_places
@few_examples
@given(st.integers(1, 300), st.integers(1, 300))
def test_parameters(notebook, reset_after, units, features):
    layer = keras.layers.GRU(units, reset_after=reset_after)
    layer.build((None, None, features))
    ours = notebook.gru_parameters(units, features, reset_after)
    assert ours == layer.count_params()
    lstm = keras.layers.LSTM(units)
    lstm.build((None, None, features))
    extra = 3 * units if reset_after else 0  # C13: three quarters, and a second bias
    assert 4 * (ours - extra) == 3 * lstm.count_params()


@pytest.mark.parametrize(
    ("reset_after", "changed", "message"),
    [
        (AFTER, {"x": (5, 3)}, r"x: expected shape \(any, any, 3\), got \(5, 3\)"),
        (
            AFTER,
            {"x": (2, 5, 4)},
            r"x: expected shape \(any, any, 3\), got \(2, 5, 4\)",
        ),
        (AFTER, {"W": (3, 4)}, r"W: expected shape \(3, 6\), got \(3, 4\)"),
        (BEFORE, {"W": (3, 1)}, r"W: expected shape \(3, 6\), got \(3, 1\)"),
        (BEFORE, {"U": (2, 2)}, r"U: expected shape \(2, 6\), got \(2, 2\)"),
        (BEFORE, {"U": (2, 8)}, r"U: expected shape \(2, 6\), got \(2, 8\)"),
        (AFTER, {"b": (6,)}, r"b: expected shape \(2, 6\), got \(6,\)"),
        (AFTER, {"b": (1, 6)}, r"b: expected shape \(2, 6\), got \(1, 6\)"),
        (BEFORE, {"b": (2, 6)}, r"b: expected shape \(6,\), got \(2, 6\)"),
        (BEFORE, {"b": (5,)}, r"b: expected shape \(6,\), got \(5,\)"),
        (AFTER, {"mask": (5, 2)}, r"mask: expected shape \(2, 5\), got \(5, 2\)"),
        (AFTER, {"mask": (5,)}, r"mask: expected shape \(2, 5\), got \(5,\)"),
    ],
)
def test_forward_refuses_bad_shapes(notebook, reset_after, changed, message):
    b_shape = (2, 6) if reset_after else (6,)
    shapes = {"x": (2, 5, 3), "W": (3, 6), "U": (2, 6), "b": b_shape} | changed
    arrays = {name: np.zeros(shape) for name, shape in shapes.items()}
    with pytest.raises(ValueError, match=message):
        notebook.gru(**arrays, reset_after=reset_after)


@both_places
@pytest.mark.parametrize("shape", [(2, 6, 4), (2, 5, 3), (5, 4), (1, 5, 4)])
def test_backward_refuses_a_gradient_of_another_shape(notebook, reset_after, shape):
    x, weights, _, _ = make_case(2, 5, 3, 4, "none", 0, reset_after)
    trace = notebook.gru(x, *weights, reset_after=reset_after)
    with pytest.raises(ValueError, match=r"d: expected shape \(2, 5, 4\), got "):
        notebook.gru_backward(
            np.zeros(shape), x, trace, *weights[1:], reset_after=reset_after
        )


def test_results_of_gru_against_lstm():
    """Every task, cell and seed was measured, at the same epochs for both cells."""
    table = read_results("gru_against_lstm.csv", COMPARED + VERSIONS)
    runs = {run: rows for run, rows in table.groupby(["task", "cell", "seed"])}
    wanted = product(
        gru_against_lstm.TASKS, gru_against_lstm.CELLS, gru_against_lstm.SEEDS
    )
    assert set(runs) == set(wanted)
    assert len(gru_against_lstm.SEEDS) >= 5
    for (task, cell, seed), rows in runs.items():
        name = f"{task}, {cell}, seed {seed}"
        other = runs[task, "LSTM", gru_against_lstm.SEEDS[0]]
        assert rows["epoch"].tolist() == other["epoch"].tolist(), name
        assert (rows["epoch"].diff().dropna() > 0).all(), name
        assert (rows["seconds"].diff().dropna() > 0).all(), name
        assert rows["units"].nunique() == other["units"].nunique() == 1, name
        assert rows["units"].iloc[0] == other["units"].iloc[0], name
    accuracy = table["task"].isin(["posts", "reviews"])
    assert table.loc[accuracy, "score"].between(0, 1).all()
    assert table.loc[~accuracy, "score"].between(0.5, 6).all()  # nats


COMPARED = "task cell seed units epoch score seconds".split()
RACE = ["model", "inputs", "units", "updates", "weights", "seconds", "nats", "seed"]
MIXTURES = ["model", "units", "updates", "seed", "weight", "network", "counts"]


def test_results_of_the_race():
    """Every counting model, and every network with both inputs and all budgets."""
    table = read_results("race.csv", RACE + VERSIONS)
    runs = list(zip(*(table[c] for c in RACE[:4]), strict=True))
    networks = [
        (cell, inputs, units, updates)
        for cell in race.CELLS
        for inputs in ("characters", "n-grams")
        for units, updates, *_ in race.BUDGETS
    ]
    counters = [(name, "counts", 0, 0) for name in race.COUNTERS]
    assert sorted(runs) == sorted(networks + counters)
    assert ((table["weights"] > 0) == (table["inputs"] != "counts")).all()
    assert table["nats"].between(1, np.log(65)).all()
    assert (table["seconds"] > 0).all() and (table["seed"] == race.SEED).all()


def test_results_of_the_mixtures():
    """A mixture is never worse than the weighted mean of its parts (Jensen)."""
    table = read_results("mixtures.csv", [*MIXTURES, "mixture", *VERSIONS])
    assert sorted(table["model"]) == sorted(race.CELLS)
    assert table["weight"].between(0.05, 0.95).all()
    w = table["weight"]
    mean = w * table["network"] + (1 - w) * table["counts"]
    assert (table["mixture"] <= mean + 1e-4).all()
    units, updates, *_ = race.LONGEST
    assert (table["units"] == units).all() and (table["updates"] == updates).all()
    runs = read_results("race.csv", RACE + VERSIONS).set_index(RACE[:4])["nats"]
    counts = runs["modified Kneser–Ney, order 7", "counts", 0, 0]
    assert np.allclose(table["counts"], counts, rtol=0, atol=1e-4)
    for row in table.itertuples():
        alone = runs[row.model, "n-grams", row.units, row.updates]
        assert row.network == pytest.approx(alone, abs=1e-4)
