"""Shapes are checked with clear messages; gradients by differences are right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.numeric import expect_shape, numerical_gradient, relative_error

SHAPES = st.lists(st.integers(1, 4), max_size=3).map(tuple)
SEEDS = st.integers(0, 2**31 - 1)
few_examples = settings(max_examples=30, deadline=None, derandomize=True)


def normal(shape, seed):
    """A float64 array, also for the shape ()."""
    return np.array(np.random.default_rng(seed).normal(size=shape))


@few_examples
@given(SHAPES, SEEDS)
def test_the_right_shape_passes(shape, seed):
    array = normal(shape, seed)
    expect_shape("x", array, *shape)
    expect_shape("x", array, *[None] * len(shape))
    expect_shape("x", array.tolist(), *shape)


@pytest.mark.parametrize(
    ("found", "wanted", "message"),
    [
        ((2, 3), (2, 4), "x: expected shape (2, 4), got (2, 3)."),
        ((2, 3), (None, 4), "x: expected shape (any, 4), got (2, 3)."),
        ((2, 3), (None,), "x: expected shape (any,), got (2, 3)."),
        ((3,), (None, 3), "x: expected shape (any, 3), got (3,)."),
        ((), (1,), "x: expected shape (1,), got ()."),
        ((1,), (), "x: expected shape (), got (1,)."),
        ((0, 3), (1, 3), "x: expected shape (1, 3), got (0, 3)."),
    ],
)
def test_a_wrong_shape_is_named(found, wanted, message):
    with pytest.raises(ValueError) as raised:
        expect_shape("x", np.zeros(found), *wanted)
    assert str(raised.value) == message


@few_examples
@given(SHAPES, SEEDS)
def test_gradient_of_a_quadratic_is_exact(shape, seed):
    """Central differences have no error of the first order."""
    w, v = normal(shape, seed), normal(shape, seed + 1)
    gradient = numerical_gradient(lambda: float((v * w**2).sum()), w, step=0.5)
    assert gradient.shape == shape and gradient.dtype == "float64"
    np.testing.assert_allclose(gradient, 2 * v * w, rtol=0, atol=1e-12)


@few_examples
@given(SHAPES, SEEDS)
def test_gradient_of_a_curved_function(shape, seed):
    w = normal(shape, seed)
    gradient = numerical_gradient(lambda: float(np.tanh(w).prod()), w)
    slopes = [
        np.prod(np.delete(np.tanh(w).ravel(), i)) * (1 - np.tanh(w.flat[i]) ** 2)
        for i in range(w.size)
    ]
    expected = np.reshape(slopes, shape)
    np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-9)


@few_examples
@given(SHAPES, SEEDS)
def test_gradient_puts_every_number_back(shape, seed):
    w = normal(shape, seed)
    before = w.copy()
    numerical_gradient(lambda: float(w.sum() ** 2), w)
    assert np.array_equal(w, before)


def test_gradient_of_a_view_moves_the_original():
    """A column of a matrix is not stored in one piece."""
    w = np.arange(6.0).reshape(2, 3)
    gradient = numerical_gradient(lambda: float((w**2).sum()), w[:, 1])
    np.testing.assert_allclose(gradient, 2 * w[:, 1], atol=1e-8)
    assert np.array_equal(w, np.arange(6.0).reshape(2, 3))


@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (np.ones(2, "float32"), "float32"),
        (np.ones(2, "int64"), "int64"),
        ([1.0, 2.0], "list"),
        (1.0, "float"),
    ],
)
def test_gradient_needs_float64(array, kind):
    with pytest.raises(TypeError, match=rf"float64 array, got {kind}\. Use astype"):
        numerical_gradient(lambda: 0.0, array)


@few_examples
@given(SHAPES, SEEDS)
def test_relative_error_of_equal_opposite_and_scaled_arrays(shape, seed):
    a = normal(shape, seed)
    assert relative_error(a, a) == 0
    assert relative_error(a, -a) == pytest.approx(1)
    assert relative_error(a, np.zeros(shape)) == pytest.approx(1)
    assert relative_error(a, 3 * a) == pytest.approx(0.5)
    b = normal(shape, seed + 1)
    assert relative_error(a, b) == relative_error(b, a)
    assert relative_error(1e6 * a, 1e6 * b) == pytest.approx(relative_error(a, b))


def test_relative_error_of_known_arrays():
    assert relative_error([3.0, 4.0], [3.0, 0.0]) == pytest.approx(4 / 8)
    assert relative_error(np.zeros(2), np.zeros(2)) == 0
    assert np.isnan(relative_error(np.array([np.nan]), np.array([1.0])))


def test_relative_error_refuses_two_shapes():
    with pytest.raises(ValueError, match=r"b: expected shape \(2, 1\), got \(2,\)"):
        relative_error(np.zeros((2, 1)), np.zeros(2))
