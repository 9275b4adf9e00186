"""The loop of notebook 02 equals Keras's SimpleRNN."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebook_cells import definitions, load
from recurrent_cases import make_mask

from utils import runtime

with runtime.quiet():
    import keras

SIZES = st.integers(1, 11)
SEEDS = st.integers(0, 2**31 - 1)
MASKS = st.sampled_from(["none", "random", "padded at the end", "nothing is real"])
few_examples = settings(max_examples=15, deadline=None, derandomize=True)


@pytest.fixture(scope="module")
def simple_rnn():
    return definitions(load("02"), "simple_rnn")["simple_rnn"]


@pytest.mark.parametrize(("dtype", "limit"), [("float32", 1e-6), ("float64", 1e-12)])
@few_examples
@given(SIZES, SIZES, SIZES, SIZES, MASKS, SEEDS)
def test_equals_keras(
    simple_rnn, dtype, limit, batch, timesteps, features, units, mask, seed
):
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    x = rng.normal(size=(batch, timesteps, features)).astype(dtype)
    mask = make_mask(mask, rng, batch, timesteps)
    layer = keras.layers.SimpleRNN(
        units, return_sequences=True, dtype=dtype, bias_initializer="random_normal"
    )
    with keras.device("cpu:0"):  # some GPUs round float32 products
        expected = keras.ops.convert_to_numpy(layer(x, mask=mask))
    states = simple_rnn(x, *layer.get_weights(), mask)
    assert states.dtype == expected.dtype == dtype
    assert states.shape == (batch, timesteps, units)
    assert abs(states - expected).max() <= limit


def test_masked_steps_keep_the_state(simple_rnn):
    rng = np.random.default_rng(1)
    x, W_xh, W_hh = rng.normal(size=(1, 5, 3)), np.ones((3, 2)), np.eye(2)
    mask = np.array([[True, False, True, False, False]])
    states = simple_rnn(x, W_xh, W_hh, np.zeros(2), mask)
    short = simple_rnn(x[:, [0, 2]], W_xh, W_hh, np.zeros(2))
    assert np.array_equal(states[:, [0, 2]], short)
    assert np.array_equal(states[:, 3:], short[:, [1, 1]])


def test_the_worked_number():
    """0.4985: one step from h = 0 at 20 °C, then the output layer."""
    W_xh, W_hy = np.linspace(0.1, 0.8, 8), np.full(8, 0.05)
    values = {"W_xh": W_xh, "W_hy": W_hy}
    step = definitions(load("02"), "state_and_prediction", **values)
    h, prediction = step["state_and_prediction"](20.0)
    assert round(prediction, 4) == 0.4985
    by_layer = keras.layers.SimpleRNN(8, dtype="float64")
    by_layer.build((1, 1, 1))
    by_layer.set_weights([W_xh[None], np.zeros((8, 8)), np.full(8, 0.1)])
    same = keras.ops.convert_to_numpy(by_layer(np.array([[[20.0]]])))[0]
    np.testing.assert_allclose(h, same, rtol=0, atol=1e-12)
