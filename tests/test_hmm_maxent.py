"""The hidden Markov model and the maximum entropy model of notebook 01."""

import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebook_cells import definitions, load

NAMES = (
    "log_matmul",
    "forward",
    "backward",
    "viterbi",
    "expected_counts",
    "baum_welch_step",
    "moments",
)
SEEDS = st.integers(0, 2**32 - 1)
few_examples = settings(max_examples=15, deadline=None, derandomize=True)


@pytest.fixture(scope="module")
def notebook():
    return definitions(load("01"), *NAMES)


def random_hmm(rng, states, symbols):
    """Random tables pi (K,), A (K, K), B (K, V)."""
    shapes = [(states, None), (states, states), (symbols, states)]
    return [rng.dirichlet(np.ones(n), size) for n, size in shapes]


def toy(seed):
    """A random model and four sequences, small enough to try all paths."""
    rng = np.random.default_rng(seed)
    states, symbols, steps = rng.integers([2, 2, 2], [4, 5, 6])
    x = rng.integers(0, symbols, (4, steps))
    return x, random_hmm(rng, states, symbols)


def all_paths(x, pi, A, B):
    """Every path of states for one sequence, with its probability."""
    paths = list(product(range(len(pi)), repeat=len(x)))
    weights = []
    for path in paths:
        moves = [A[i, j] for i, j in pairwise(path)]
        emissions = [B[s, w] for s, w in zip(path, x, strict=True)]
        weights.append(pi[path[0]] * math.prod(moves) * math.prod(emissions))
    return np.array(paths), np.array(weights)


@few_examples
@given(SEEDS)
def test_forward_and_backward_equal_all_paths(notebook, seed):
    x, (pi, A, B) = toy(seed)
    log_alpha, log_beta = (
        notebook["forward"](x, pi, A, B),
        notebook["backward"](x, A, B),
    )
    for n, sequence in enumerate(x):
        paths, weights = all_paths(sequence, pi, A, B)
        assert abs(np.exp(log_alpha[-1, n]).sum() - weights.sum()) < 1e-10
        for t in range(len(sequence)):
            by_state = np.bincount(paths[:, t], weights, len(pi))
            joint = np.exp(log_alpha[t, n] + log_beta[t, n])
            np.testing.assert_allclose(joint, by_state, rtol=0, atol=1e-10)


@few_examples
@given(SEEDS)
def test_forward_of_every_prefix(notebook, seed):
    """α itself, not only α β: the probability of the first tokens and the state."""
    x, (pi, A, B) = toy(seed)
    log_alpha = notebook["forward"](x, pi, A, B)
    for t in range(x.shape[1]):
        paths, weights = all_paths(x[0, : t + 1], pi, A, B)
        by_state = np.bincount(paths[:, -1], weights, len(pi))
        np.testing.assert_allclose(
            np.exp(log_alpha[t, 0]), by_state, rtol=0, atol=1e-10
        )


@few_examples
@given(SEEDS)
def test_viterbi_finds_the_best_of_all_paths(notebook, seed):
    """By its probability: two paths may use the same factors in another order."""
    x, tables = toy(seed)
    for sequence in x:
        paths, weights = all_paths(sequence, *tables)
        place = paths.tolist().index(notebook["viterbi"](sequence, *tables))
        assert math.isclose(weights[place], weights.max(), rel_tol=1e-12)


@few_examples
@given(SEEDS)
def test_expected_counts_equal_all_paths(notebook, seed):
    x, (pi, A, B) = toy(seed)
    log_like, starts, moves, emissions = notebook["expected_counts"](x, pi, A, B)
    want_starts, want_moves = np.zeros_like(pi), np.zeros_like(A)
    want_emissions, want_log_like = np.zeros_like(B), 0.0
    for sequence in x:
        paths, weights = all_paths(sequence, pi, A, B)
        want_log_like += np.log(weights.sum())
        for path, share in zip(paths, weights / weights.sum(), strict=True):
            want_starts[path[0]] += share
            np.add.at(want_moves, (path[:-1], path[1:]), share)
            np.add.at(want_emissions, (path, sequence), share)
    assert abs(log_like - want_log_like) < 1e-10
    np.testing.assert_allclose(starts, want_starts, rtol=0, atol=1e-10)
    np.testing.assert_allclose(moves, want_moves, rtol=0, atol=1e-10)
    np.testing.assert_allclose(emissions, want_emissions, rtol=0, atol=1e-10)


@few_examples
@given(SEEDS)
def test_the_likelihood_never_falls(notebook, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 5, (6, 20))
    tables = random_hmm(rng, 3, 5)
    likelihoods = []
    for _ in range(12):
        log_like, *tables = notebook["baum_welch_step"](x, *tables)
        likelihoods.append(log_like)
    assert all(new >= old - 1e-7 for old, new in pairwise(likelihoods)), likelihoods
    assert likelihoods[-1] > likelihoods[0]
    for table in tables:
        np.testing.assert_allclose(table.sum(axis=-1), 1, atol=1e-12)


def test_long_sequences_do_not_underflow(notebook):
    rng = np.random.default_rng(5)
    pi, A, B = random_hmm(rng, 4, 30)
    x = rng.integers(0, 30, (2, 2000))
    log_alpha, log_beta = (
        notebook["forward"](x, pi, A, B),
        notebook["backward"](x, A, B),
    )
    assert np.isfinite(log_alpha).all() and np.isfinite(log_beta).all()
    alpha, scaled = pi * B[:, x[0, 0]], 0.0  # the other way: scale at every step
    for w in x[0, 1:]:
        scaled += np.log(alpha.sum())
        alpha = (alpha / alpha.sum()) @ A * B[:, w]
    scaled += np.log(alpha.sum())
    assert scaled < -1000  # exp of this is exactly 0
    top = log_alpha[-1, 0].max()
    found = top + np.log(np.exp(log_alpha[-1, 0] - top).sum())
    assert math.isclose(found, scaled, rel_tol=1e-12)
    assert len(notebook["viterbi"](x[0], pi, A, B)) == 2000


@few_examples
@given(SEEDS)
def test_expected_minus_observed_is_the_gradient(notebook, seed):
    rng = np.random.default_rng(seed)
    size, distance, n = 4, 3, 25
    weights = rng.normal(size=(distance, size, size))
    contexts = rng.integers(0, size, (n, distance))
    targets = rng.integers(0, size, n)
    arguments = contexts, targets, size
    _, expected, observed = notebook["moments"](weights, *arguments)
    gradient, step = (expected - observed) / n, 1e-5
    for place in np.ndindex(weights.shape):
        up, down = weights.copy(), weights.copy()
        up[place] += step
        down[place] -= step
        rise = notebook["moments"](up, *arguments)[0]
        rise -= notebook["moments"](down, *arguments)[0]
        assert abs(rise / (2 * step) - gradient[place]) < 1e-8


def test_observed_moments_are_counts(notebook):
    contexts, targets = np.array([[0, 1], [0, 2], [1, 0]]), np.array([2, 2, 0])
    _, expected, observed = notebook["moments"](
        np.zeros((2, 3, 3)), contexts, targets, 3
    )
    assert observed[0].tolist() == [[0, 0, 2], [1, 0, 0], [0, 0, 0]]
    assert observed[1].tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]
    np.testing.assert_allclose(expected[0].sum(axis=1), [2, 1, 0])
    np.testing.assert_allclose(expected[0, 0], 2 / 3)
