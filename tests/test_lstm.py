"""Notebook 04: its LSTM and its gradients equal Keras's and finite differences."""

from itertools import product
from types import ModuleType

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

from experiments import gap_lengths
from utils import runtime
from utils.numeric import numerical_gradient, relative_error

with runtime.quiet():
    import keras
    import tensorflow as tf

NOTEBOOK = load("04")
GATES = "ifgo"  # the order of the blocks in Keras's weights


@pytest.fixture(scope="module")
def notebook():
    names = ["lstm", "lstm_backward", "lstm_parameters", "lstm_step"]
    names += ["chrono_bias", "start_weights"]
    module = ModuleType("notebook_04")
    values = {"keras": keras, "SEED": 7}
    vars(module).update(functions(NOTEBOOK, *names, **values))
    return module


def make_case(batch, steps, features, units, kind, seed):
    """Random x, [W, U, b], mask, and a direct gradient for every state."""
    rng = np.random.default_rng(seed)
    shapes = [(features, 4 * units), (units, 4 * units), (4 * units,)]
    weights = [rng.normal(0, 0.5, shape) for shape in shapes]
    x = rng.normal(size=(batch, steps, features))
    mask = make_mask(kind, rng, batch, steps)
    return x, weights, mask, rng.normal(size=(batch, steps, units))


def keras_layer(weights, dtype="float64", **options):
    """An LSTM layer with given weights."""
    W, U, _ = weights
    layer = keras.layers.LSTM(len(U), return_sequences=True, dtype=dtype, **options)
    layer.build((None, None, len(W)))
    layer.set_weights(weights)
    return layer


def keras_states(x, weights, mask):
    """Keras's h at every step, and its last c, in the type of x."""
    layer = keras_layer(weights, x.dtype.name, return_state=True)
    with keras.device("cpu:0"):  # some GPUs round float32 products
        h, _, c = layer(x, mask=mask)
    return keras.ops.convert_to_numpy(h), keras.ops.convert_to_numpy(c)


def keras_gradients(x, weights, mask, d):
    """TensorFlow's gradients of sum(d · h) for the weights of a Keras layer."""
    layer = keras_layer(weights)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(d * layer(x, mask=mask))
    sources = [w.value for w in layer.trainable_weights]
    return [g.numpy() for g in tape.gradient(loss, sources)]


def cell_state_gradients(x, weights, mask, d):
    """TensorFlow's gradient of sum(d · h) for each cell state, by a loop of cells.

    At a real step the cell state is the one inside the cell, from which h comes. At a
    step that is masked out, it is the one that is carried.
    """
    layer = keras_layer(weights)
    mask = np.ones(x.shape[:2], bool) if mask is None else mask
    h = c = tf.zeros((len(x), layer.units), "float64")
    inside, carried, loss = [], [], 0.0
    with tf.GradientTape() as tape:
        for t in range(x.shape[1]):
            _, (h_new, c_new) = layer.cell(tf.constant(x[:, t]), [h, c])
            h = tf.where(mask[:, t, None], h_new, h)
            c = tf.where(mask[:, t, None], c_new, c)
            inside.append(c_new)
            carried.append(c)
            loss += tf.reduce_sum(d[:, t] * h)
    zero = tf.UnconnectedGradients.ZERO
    dc = tape.gradient(loss, [inside, carried], unconnected_gradients=zero)
    inside, carried = (np.stack(states, axis=1) for states in dc)
    return np.where(mask[:, :, None], inside, carried)


def forward_error(lstm, x, weights, mask):
    """Largest difference from Keras, in the states and the last cell state."""
    h, c = keras_states(x, weights, mask)
    trace = lstm(x, *weights, mask)
    return max(abs(trace["h"] - h).max(), abs(trace["c"][:, -1] - c).max())


def gradient_error(lstm, backward, x, weights, mask, v):
    """Largest relative error of the gradients of ½ Σ v h², against differences."""

    def loss():
        return 0.5 * (v * lstm(x, *weights, mask)["h"] ** 2).sum()

    trace = lstm(x, *weights, mask)
    ours, _ = backward(v * trace["h"], x, trace, weights[1], mask)
    assert [g.shape for g in ours] == [w.shape for w in weights]
    theirs = [numerical_gradient(loss, w) for w in weights]
    return max(map(relative_error, ours, theirs))


@pytest.mark.parametrize(("dtype", "limit"), [("float32", 1e-6), ("float64", 1e-12)])
@few_examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, SEEDS)
def test_forward_equals_keras(
    notebook, dtype, limit, batch, steps, features, units, kind, seed
):
    x, weights, mask, _ = make_case(batch, steps, features, units, kind, seed)
    x, *weights = (array.astype(dtype) for array in (x, *weights))
    trace = notebook.lstm(x, *weights, mask)
    assert set(trace) == set("ifgoch")
    for states in trace.values():
        assert states.shape == (batch, steps, units) and states.dtype == dtype
    assert forward_error(notebook.lstm, x, weights, mask) <= limit


@few_examples
@given(SIZES, SIZES, SIZES, SIZES, SEEDS)
def test_trace_holds_the_equations(notebook, batch, steps, features, units, seed):
    x, weights, _, _ = make_case(batch, steps, features, units, "none", seed)
    trace = notebook.lstm(x, *weights)
    i, f, g, o, c, h = (trace[name] for name in "ifgoch")
    c_prev, h_prev = (np.pad(s, [(0, 0), (1, 0), (0, 0)])[:, :-1] for s in (c, h))
    np.testing.assert_allclose(c, f * c_prev + i * g, rtol=0, atol=1e-14)
    np.testing.assert_allclose(h, o * np.tanh(c), rtol=0, atol=1e-14)
    for order in ("ifgo", "ogfi"):  # E06: the gates stand side by side
        for t in range(steps):
            states = x[:, t], h_prev[:, t], c_prev[:, t]
            step = notebook.lstm_step(*states, *weights, order)
            np.testing.assert_allclose(step, h[:, t], rtol=0, atol=1e-14)


def test_masked_steps_keep_the_states(notebook):
    x, weights, _, _ = make_case(1, 5, 3, 2, "none", seed=1)
    mask = np.array([[True, False, True, False, False]])
    long, short = (
        notebook.lstm(x, *weights, mask),
        notebook.lstm(x[:, [0, 2]], *weights),
    )
    for name in "hc":
        assert np.array_equal(long[name][:, [0, 2]], short[name])
        assert np.array_equal(long[name][:, 1:], short[name][:, [0, 1, 1, 1]])


@few_examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, SEEDS)
def test_gradients_equal_finite_differences(
    notebook, batch, steps, features, units, kind, seed
):
    case = make_case(batch, steps, features, units, kind, seed)
    assert gradient_error(notebook.lstm, notebook.lstm_backward, *case) <= 1e-7


@few_examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, SEEDS)
def test_gradients_equal_tensorflow(
    notebook, batch, steps, features, units, kind, seed
):
    x, weights, mask, d = make_case(batch, steps, features, units, kind, seed)
    trace = notebook.lstm(x, *weights, mask)
    ours, dc = notebook.lstm_backward(d, x, trace, weights[1], mask)
    for a, b in zip(ours, keras_gradients(x, weights, mask, d), strict=True):
        assert relative_error(a, b) <= 1e-6
    assert dc.shape == (batch, steps, units)
    assert relative_error(dc, cell_state_gradients(x, weights, mask, d)) <= 1e-6


FORWARD_BUGS = {
    "the blocks in another order": ("4, axis=1)", "4, axis=1)[::-1]"),
    "i and f share a block": ("sigmoid(i)", "sigmoid(f)"),
    "no forget gate": ("'f': sigmoid(f)", "'f': 1.0"),
    "no input gate": ("'i': sigmoid(i)", "'i': 1.0"),
    "no output gate": ("'o': sigmoid(o)", "'o': 1.0"),
    "no tanh at the output": ("np.tanh(c_new)", "c_new"),
    "h from the old c": ("np.tanh(c_new)", "np.tanh(c)"),
    "sigmoid for g": ("np.tanh(g)", "sigmoid(g)"),
    "no recurrent part": ("@ W + h @ U", "@ W"),
    "no bias": ("@ U + b,", "@ U,"),
    "the mask is ignored": ("if mask is None", "if True"),
    "c ignores the mask": ("np.where(real, c_new, c)", "c_new"),
    "h ignores the mask": ("np.tanh(c_new), h)", "np.tanh(c_new), np.tanh(c_new))"),
    "padding gives zeros": ("np.tanh(c_new), h)", "np.tanh(c_new), 0)"),
}
BACKWARD_BUGS = {
    "no σ′ of i": ("dc * g * i * (1 - i)", "dc * g"),
    "no σ′ of f": ("c_prev * f * (1 - f)", "c_prev"),
    "no σ′ of o": ("np.tanh(c) * o * (1 - o)", "np.tanh(c)"),
    "half of σ′": ("i * (1 - i)", "i"),
    "no tanh′ of g": ("dc * i * (1 - g ** 2)", "dc * i"),
    "no tanh′ of c": ("* (1 - np.tanh(c) ** 2)", ""),
    "tanh′ of c without tanh": ("1 - np.tanh(c) ** 2", "1 - c**2"),
    "shared index": ("[:, t - 1]", "[:, t]"),
    "shared index of c": ("[:, t - 1]", "[:, t - (name == 'h')]"),
    "shared index of h": ("[:, t - 1]", "[:, t - (name == 'c')]"),
    "the last state before the first": ("(t > 0) * ", ""),
    "only the last step": ("dW += ", "dW = "),
    "no gradient along the belt": ("dc = dc_next + ", "dc = "),
    "no f on the belt": ("dc * (real * f", "dc * (real"),
    "no gradient from the next h": ("d[:, t] + dh_next", "d[:, t]"),
    "c and not c_prev for f": ("dc * c_prev * f", "dc * c * f"),
    "i and g exchanged": ("dc * g * i * (1 - i)", "dc * i * i * (1 - i)"),
    "the mask is ignored": ("if mask is None", "if True"),
    "padding changes the weights": ("da = real * ", "da = "),
    "padding stops h": (" + (1 - real) * dh", ""),
    "padding stops c": (" + (1 - real))", ")"),
    "padding opens the output": ("real * dh * o", "dh * o"),
}


@pytest.fixture(scope="module")
def masked_case():
    """A case on which every bug must show: sizes differ, both ends have real steps."""
    x, weights, mask, d = make_case(3, 6, 2, 4, "random", seed=1)
    assert mask[:, 0].any() and mask[:, -1].any() and not mask.all()
    return x, weights, mask, d


def test_case_of_the_bugs_passes_without_a_bug(notebook, masked_case):
    assert forward_error(notebook.lstm, *masked_case[:3]) <= 1e-12
    error = gradient_error(notebook.lstm, notebook.lstm_backward, *masked_case)
    assert error <= 1e-7


@pytest.mark.parametrize("bug", FORWARD_BUGS)
def test_comparison_with_keras_exposes(masked_case, bug):
    lstm = with_bug(NOTEBOOK, "lstm", *FORWARD_BUGS[bug])
    assert forward_error(lstm, *masked_case[:3]) > 1e-3


@pytest.mark.parametrize("bug", BACKWARD_BUGS)
def test_gradient_check_exposes(notebook, masked_case, bug):
    backward = with_bug(NOTEBOOK, "lstm_backward", *BACKWARD_BUGS[bug])
    assert gradient_error(notebook.lstm, backward, *masked_case) > 1e-3


@few_examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, SEEDS)
def test_keep_all_and_write_nothing(
    notebook, batch, steps, features, units, kind, seed
):
    x, weights, mask, _ = make_case(batch, steps, features, units, kind, seed)
    trace = notebook.lstm(x, *weights, mask, clamp={"f": 1.0, "i": 0.0})
    assert not trace["c"].any() and not trace["h"].any()
    summed = notebook.lstm(x, *weights, clamp={"f": 1.0})
    total = np.cumsum(summed["i"] * summed["g"], axis=1)
    np.testing.assert_allclose(summed["c"], total, rtol=0, atol=1e-13)


@few_examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, SEEDS, st.data())
def test_clamp_is_a_gate_that_reads_nothing(
    notebook, batch, steps, features, units, kind, seed, data
):
    """A gate with weights 0 has the value of its bias: Keras can clamp too."""
    x, weights, mask, _ = make_case(batch, steps, features, units, kind, seed)
    names = data.draw(st.lists(st.sampled_from("ifo"), unique=True, min_size=1))
    clamp = {name: data.draw(st.sampled_from([0.0, 0.3, 1.0])) for name in names}
    trace = notebook.lstm(x, *weights, mask, clamp=clamp)
    fixed = [w.copy() for w in weights]
    for name, value in clamp.items():
        assert (trace[name] == value).all()
        block = np.arange(units) + units * GATES.index(name)
        for w in fixed:
            w[..., block] = 0
        with np.errstate(divide="ignore"):
            fixed[2][block] = np.clip(np.log(value) - np.log1p(-value), -60, 60)
    h, c = keras_states(x, fixed, mask)
    np.testing.assert_allclose(trace["h"], h, rtol=0, atol=1e-12)
    np.testing.assert_allclose(trace["c"][:, -1], c, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", GATES)
def test_clamp_leaves_the_rest_alone(notebook, name):
    """Without recurrent weights, a gate cannot change the other gates."""
    x, (W, U, b), _, _ = make_case(2, 5, 3, 4, "none", seed=3)
    free = notebook.lstm(x, W, 0 * U, b)
    held = notebook.lstm(x, W, 0 * U, b, clamp={name: 0.25})
    changed = {key for key in free if not np.array_equal(free[key], held[key])}
    assert changed == ({"o", "h"} if name == "o" else {name, "c", "h"})
    same = notebook.lstm(x, W, U, b, clamp={})
    for key, states in notebook.lstm(x, W, U, b).items():
        assert np.array_equal(states, same[key])


@few_examples
@given(st.integers(3, 1000), st.integers(1, 30), SEEDS)
def test_chrono_bias(notebook, gap, units, seed):
    b = notebook.chrono_bias(gap, units, np.random.default_rng(seed))
    assert b.shape == (4 * units,) and b.dtype == "float32"
    b_i, b_f, b_g, b_o = np.split(b, 4)
    assert np.array_equal(b_i, -b_f)
    assert not b_g.any() and not b_o.any()
    span = np.exp(b_f.astype("float64"))
    assert (span > 1 - 1e-6).all() and (span < (gap - 1) * (1 + 1e-6)).all()
    x, W, U = (
        np.zeros((1, 1, 2)),
        np.zeros((2, 4 * units)),
        np.zeros((units, 4 * units)),
    )
    trace = notebook.lstm(x, W, U, b)
    np.testing.assert_allclose(trace["f"][0, 0], span / (span + 1), rtol=1e-6)
    np.testing.assert_allclose(trace["i"] + trace["f"], 1, rtol=1e-6)


def test_chrono_bias_uses_the_whole_range(notebook):
    b = notebook.chrono_bias(101, 5000, np.random.default_rng(1))
    span = np.exp(b[5000:10_000])
    assert span.min() < 2 and span.max() > 99
    assert np.mean(span) == pytest.approx(50.5, abs=2)  # uniform from 1 to 100


@pytest.mark.parametrize("gap", gap_lengths.GAPS)
def test_experiment_starts_as_the_notebook_does(notebook, gap):
    layer = gap_lengths.make_layer("LSTM, chrono", gap, seed=3)
    layer.build((None, None, 18))
    ours = notebook.chrono_bias(gap, gap_lengths.UNITS, np.random.default_rng(3))
    assert np.array_equal(layer.get_weights()[2], ours)


@pytest.mark.parametrize("start", [0, 1, "chrono"])
def test_start_weights(notebook, start):
    W, U, b = notebook.start_weights(start, gap=50, units=6, features=4, seed=5)
    keras.utils.set_random_seed(5)
    layer = keras.layers.LSTM(6, unit_forget_bias=start == 1)
    layer.build((None, None, 4))
    expected = layer.get_weights()
    if start == "chrono":
        expected[2] = notebook.chrono_bias(50, 6, np.random.default_rng(5))
    assert all(map(np.array_equal, (W, U, b), expected))


@few_examples
@given(st.integers(1, 300), st.integers(1, 300))
def test_parameters(notebook, units, features):
    layer = keras.layers.LSTM(units)
    layer.build((None, None, features))
    assert notebook.lstm_parameters(units, features) == layer.count_params()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x": (5, 3)}, r"x: expected shape \(any, any, 3\), got \(5, 3\)"),
        ({"x": (2, 5, 4)}, r"x: expected shape \(any, any, 3\), got \(2, 5, 4\)"),
        ({"W": (3, 4)}, r"W: expected shape \(3, 8\), got \(3, 4\)"),
        ({"W": (3, 6)}, r"W: expected shape \(3, 8\), got \(3, 6\)"),
        ({"U": (2, 2)}, r"U: expected shape \(2, 8\), got \(2, 2\)"),
        ({"U": (8, 2)}, r"[UW]: expected shape \([38], 32\), got \([38], [28]\)"),
        ({"b": (5,)}, r"b: expected shape \(8,\), got \(5,\)"),
        ({"b": (1,)}, r"b: expected shape \(8,\), got \(1,\)"),
        ({"mask": (5, 2)}, r"mask: expected shape \(2, 5\), got \(5, 2\)"),
        ({"mask": (5,)}, r"mask: expected shape \(2, 5\), got \(5,\)"),
    ],
)
def test_forward_refuses_bad_shapes(notebook, changed, message):
    shapes = {"x": (2, 5, 3), "W": (3, 8), "U": (2, 8), "b": (8,)}
    arrays = {name: np.zeros(shape) for name, shape in (shapes | changed).items()}
    with pytest.raises(ValueError, match=message):
        notebook.lstm(**arrays)


@pytest.mark.parametrize("shape", [(2, 6, 4), (2, 5, 3), (5, 4), (1, 5, 4)])
def test_backward_refuses_a_gradient_of_another_shape(notebook, shape):
    x, weights, _, _ = make_case(2, 5, 3, 4, "none", seed=0)
    trace = notebook.lstm(x, *weights)
    with pytest.raises(ValueError, match=r"d: expected shape \(2, 5, 4\), got "):
        notebook.lstm_backward(np.zeros(shape), x, trace, weights[1])


GAPS = (
    "layer gap seed updates accuracy solved seconds units batch learning_rate".split()
)


def test_results_of_the_gap_lengths():
    """Five seeds for each of 8 layers and 7 gaps, and no run twice."""
    table = read_results("gap_lengths.csv", GAPS + VERSIONS)
    runs = list(zip(table["layer"], table["gap"], table["seed"], strict=True))
    wanted = product(gap_lengths.LAYERS, gap_lengths.GAPS, gap_lengths.SEEDS)
    assert sorted(runs) == sorted(wanted)
    assert len(runs) == 8 * 7 * 5
    assert table["accuracy"].between(0, 1).all()
    solved = table["accuracy"] >= gap_lengths.SOLVED
    assert (table["solved"] == solved).all()
    assert table["updates"].between(1, gap_lengths.UPDATES).all()
    assert (table["updates"] % gap_lengths.EVERY == 0).all()
    assert (table.loc[~solved, "updates"] == gap_lengths.UPDATES).all()
    assert (table["units"] == gap_lengths.UNITS).all()
