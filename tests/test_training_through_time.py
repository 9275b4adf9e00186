"""Notebook 03: its gradients equal differences, TensorFlow's, and Keras's clipping."""

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebook_cells import definitions, load
from recurrent_cases import make_mask

from utils import runtime
from utils.numeric import numerical_gradient, relative_error

with runtime.quiet():
    import keras
    import tensorflow as tf

TANH = (np.tanh, lambda h: 1 - h**2)
LINEAR = (lambda a: a, np.ones_like)
ACTIVATIONS = st.sampled_from([TANH, LINEAR])
SIZES = st.integers(1, 5)
SEEDS = st.integers(0, 2**31 - 1)
MASKS = st.sampled_from(["none", "random", "padded at the end", "nothing is real"])
examples = settings(max_examples=25, deadline=None, derandomize=True)


@pytest.fixture(scope="module")
def notebook():
    names = (
        "forward",
        "backward",
        "relative_error",
        "numerical_gradient",
        "keras_step",
        "norms_back",
        "orthogonal",
    )
    module = ModuleType("notebook_03")
    values = {"keras": keras, "TANH": TANH, "LINEAR": LINEAR, "SEED": 7}
    vars(module).update(definitions(load("03"), *names, **values))
    return module


def make_case(batch, steps, features, units, kind, seed):
    """Random x, (W_xh, W_hh, b), mask, and a direct gradient for every state."""
    rng = np.random.default_rng(seed)
    W = [
        rng.normal(size=(features, units)),
        rng.normal(size=(units, units)) / np.sqrt(units),
        rng.normal(size=units),
    ]
    x = rng.normal(size=(batch, steps, features))
    mask = make_mask(kind, rng, batch, steps)
    return x, W, mask, rng.normal(size=(batch, steps, units))


def keras_layer(W, features, dtype="float64", **options):
    """A SimpleRNN with given weights."""
    layer = keras.layers.SimpleRNN(
        len(W[1]), return_sequences=True, dtype=dtype, **options
    )
    layer.build((None, None, features))
    layer.set_weights(W)
    return layer


def tensorflow_gradients(W, x, mask, d, cut=0):
    """Gradients of sum(d · states) for the weights and for each state.

    No gradient passes the state before step `cut`, and only later steps count.
    """
    layer = keras_layer(W, x.shape[2])
    h, track = tf.zeros((len(x), len(W[1])), "float64"), []
    with tf.GradientTape() as tape:
        for t in range(x.shape[1]):
            if t == cut:
                h = tf.stop_gradient(h)
            new, _ = layer.cell(tf.constant(x[:, t]), [h])
            h = new if mask is None else tf.where(mask[:, t, None], new, h)
            track.append(h)
        loss = tf.add_n(
            [tf.reduce_sum(d[:, t] * track[t]) for t in range(cut, len(track))]
        )
    weights = [w.value for w in layer.trainable_weights]
    gradients, dh = tape.gradient(loss, (weights, track[cut:]))
    return [g.numpy() for g in gradients], np.stack(dh, axis=1)


@pytest.mark.parametrize(("dtype", "limit"), [("float32", 1e-6), ("float64", 1e-12)])
@examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, ACTIVATIONS, SEEDS)
def test_forward_equals_keras(
    notebook, dtype, limit, batch, steps, features, units, kind, activation, seed
):
    x, W, mask, _ = make_case(batch, steps, features, units, kind, seed)
    x, *W = (array.astype(dtype) for array in (x, *W))
    name = "tanh" if activation is TANH else "linear"
    layer = keras_layer(W, features, dtype, activation=name)
    with keras.device("cpu:0"):  # some GPUs round float32 products
        expected = keras.ops.convert_to_numpy(layer(x, mask=mask))
    h = notebook.forward(x, *W, mask, activation)
    assert h.shape == (batch, steps + 1, units)
    assert h.dtype == expected.dtype == dtype
    assert not h[:, 0].any()
    scale = max(1, abs(expected).max())  # without tanh, states can be large
    assert abs(h[:, 1:] - expected).max() <= limit * scale


@examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, ACTIVATIONS, SEEDS)
def test_gradients_equal_finite_differences(
    notebook, batch, steps, features, units, kind, activation, seed
):
    """The loss is quadratic in the states, with a part at every step."""
    x, W, mask, v = make_case(batch, steps, features, units, kind, seed)
    forward, backward = notebook.forward, notebook.backward

    def loss():
        return 0.5 * (v * forward(x, *W, mask, activation)[:, 1:] ** 2).sum()

    h = forward(x, *W, mask, activation)
    ours, _ = backward(v * h[:, 1:], x, h, W[1], mask, activation)
    for gradient, weights in zip(ours, W, strict=True):
        assert gradient.shape == weights.shape
        assert relative_error(gradient, numerical_gradient(loss, weights)) <= 1e-7


@examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, SEEDS)
def test_gradients_equal_those_of_the_keras_layer(
    notebook, batch, steps, features, units, kind, seed
):
    x, W, mask, d = make_case(batch, steps, features, units, kind, seed)
    layer = keras_layer(W, features)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(d * layer(x, mask=mask))
    theirs = tape.gradient(loss, [w.value for w in layer.trainable_weights])
    h = notebook.forward(x, *W, mask)
    ours, _ = notebook.backward(d, x, h, W[1], mask)
    for a, b in zip(ours, theirs, strict=True):
        assert relative_error(a, b.numpy()) <= 1e-6


@examples
@given(SIZES, st.integers(2, 7), SIZES, SIZES, MASKS, SEEDS, st.data())
def test_truncation_is_a_stopped_gradient_at_the_cut(
    notebook, batch, steps, features, units, kind, seed, data
):
    """With a window of all steps, this is also a test of the states' gradient."""
    window = data.draw(st.integers(1, steps))
    x, W, mask, d = make_case(batch, steps, features, units, kind, seed)
    h = notebook.forward(x, *W, mask)
    ours, dh = notebook.backward(d, x, h, W[1], mask, window=window)
    theirs, dh_theirs = tensorflow_gradients(W, x, mask, d, cut=steps - window)
    for a, b in zip(ours, theirs, strict=True):
        assert relative_error(a, b) <= 1e-6
    assert relative_error(dh[:, -window:], dh_theirs) <= 1e-6
    assert not dh[:, :-window].any()


@examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, SEEDS)
def test_a_window_of_all_steps_or_more_is_full_bptt(
    notebook, batch, steps, features, units, kind, seed
):
    x, W, mask, d = make_case(batch, steps, features, units, kind, seed)
    h = notebook.forward(x, *W, mask)
    full, dh = notebook.backward(d, x, h, W[1], mask)
    for window in (steps, steps + 3):
        same, dh_same = notebook.backward(d, x, h, W[1], mask, window=window)
        assert np.array_equal(dh, dh_same)
        assert all(map(np.array_equal, full, same))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x": (5, 3)}, r"x: expected shape \(any, any, 3\), got \(5, 3\)"),
        ({"x": (2, 5, 4)}, r"x: expected shape \(any, any, 3\), got \(2, 5, 4\)"),
        ({"W_xh": (3, 4)}, r"W_xh: expected shape \(any, 2\), got \(3, 4\)"),
        ({"W_hh": (2, 3)}, r"W_hh: expected shape \(2, 2\), got \(2, 3\)"),
        ({"b": (5,)}, r"W_xh: expected shape \(any, 5\), got \(3, 2\)"),
    ],
)
def test_forward_refuses_bad_shapes(notebook, changed, message):
    shapes = {"x": (2, 5, 3), "W_xh": (3, 2), "W_hh": (2, 2), "b": (2,)} | changed
    arrays = {name: np.zeros(shape) for name, shape in shapes.items()}
    with pytest.raises(ValueError, match=message):
        notebook.forward(**arrays)


@pytest.mark.parametrize("shape", [(2, 6, 4), (2, 5, 3), (5, 4), (1, 5, 4)])
def test_backward_refuses_a_gradient_of_another_shape(notebook, shape):
    x, W, _, _ = make_case(2, 5, 3, 4, "none", seed=0)
    h = notebook.forward(x, *W)
    with pytest.raises(ValueError, match=r"d: expected shape \(2, 5, 4\), got "):
        notebook.backward(np.zeros(shape), x, h, W[1])


@examples
@given(SIZES, SIZES, SEEDS)
def test_the_notebooks_own_tools_equal_those_of_utils(notebook, rows, columns, seed):
    rng = np.random.default_rng(seed)
    w, other = rng.normal(size=(2, rows, columns))
    before = w.copy()

    def loss():
        return float(np.tanh(w).prod())

    shown = notebook.numerical_gradient(loss, w)
    assert np.array_equal(shown, numerical_gradient(loss, w))
    assert np.array_equal(w, before)
    assert notebook.relative_error(w, other) == relative_error(w, other)
    assert notebook.relative_error(0 * w, 0 * w) == 0


def scaled(gradients, norm, threshold):
    """The formula of the notebook: g · min(1, threshold / norm)."""
    return [g * min(1, threshold / norm) for g in gradients]


@examples
@given(SIZES, SIZES, st.sampled_from([0.1, 1.0, 3.0, 30.0]), SEEDS)
def test_clipping_in_keras(notebook, rows, columns, threshold, seed):
    """`clipnorm` treats each array alone, `global_clipnorm` all as one vector."""
    rng = np.random.default_rng(seed)
    gradients = [
        (rng.normal(size=shape) * rng.choice([0.1, 1, 10])).astype("float32")
        for shape in ((rows, columns), (columns, columns), (columns,))
    ]
    step = notebook.keras_step
    norms = [np.linalg.norm(g) for g in gradients]
    alone = [
        scaled([g], norm, threshold)[0]
        for g, norm in zip(gradients, norms, strict=True)
    ]
    together = scaled(gradients, np.linalg.norm(norms), threshold)
    pairs = [
        (alone, step(gradients, clipnorm=threshold)),
        (together, step(gradients, global_clipnorm=threshold)),
    ]
    for expected, moved in pairs:
        for a, b in zip(expected, moved, strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-7)


@examples
@given(st.integers(1, 12), st.sampled_from([0.7, 0.9, 1.0, 1.1]), SEEDS)
def test_an_orthogonal_matrix_scales_the_gradient_by_lambda(notebook, units, lam, seed):
    Q = notebook.orthogonal(units, np.random.default_rng(seed))
    norms = notebook.norms_back(lam * Q, steps=50, seed=seed)
    np.testing.assert_allclose(norms, lam ** np.arange(51), rtol=1e-9)
