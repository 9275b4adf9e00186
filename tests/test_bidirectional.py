"""Notebook 07: both readers equal Keras's, and its scores equal a library's."""

import ast
import sys
from collections import Counter
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebook_cells import code_cells, load
from recurrent_cases import (
    MASKS,
    SEEDS,
    SIZES,
    few_examples,
    functions,
    make_mask,
    with_bug,
)

from utils import runtime

with runtime.quiet():
    import keras

NOTEBOOK = load("07")
MODES = ["concat", "sum", "ave", "mul", None]
needs_nervaluate = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="nervaluate needs Python 3.11"
)


@pytest.fixture(scope="module")
def notebook():
    module = ModuleType("notebook_07")
    names = ["lstm", "bidirectional", "read", "masked_max", "leak", "entities"]
    names += ["score", "shape_of", "batches"]
    values = {"MERGE": eval(ast.unparse(value_of("MERGE")), {"np": np})}
    vars(module).update(functions(NOTEBOOK, *names, alphabet=range(7), **values))
    return module


def value_of(name):
    """The expression that the notebook assigns to a name."""
    (value,) = (
        node.value
        for cell in code_cells(NOTEBOOK)
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    )
    return value


def bidirectional_error(
    bidirectional, batch, steps, features, units, kind, seed, dtype, **options
):
    """Largest difference from Keras, after the shapes and types were compared."""
    rng = np.random.default_rng(seed)
    one = [(features, 4 * units), (units, 4 * units), (4 * units,)]
    weights = [rng.normal(0, 0.5, shape).astype(dtype) for shape in 2 * one]
    x = rng.normal(size=(batch, steps, features)).astype(dtype)
    mask = make_mask(kind, rng, batch, steps)
    merge_mode, sequences = options["merge_mode"], options["return_sequences"]
    layer = keras.layers.Bidirectional(
        keras.layers.LSTM(units, return_sequences=sequences, dtype=dtype),
        merge_mode=merge_mode,
        dtype=dtype,
    )
    layer.build(x.shape)
    layer.set_weights(weights)
    with keras.device("cpu:0"):  # some GPUs round float32 products
        theirs = layer(x, mask=mask)
    ours = bidirectional(x, weights[:3], weights[3:], mask, **options)
    if merge_mode is not None:
        ours, theirs = [ours], [theirs]
    error = 0
    for a, b in zip(ours, map(keras.ops.convert_to_numpy, theirs), strict=True):
        assert a.shape == b.shape and a.dtype == dtype
        error = max(error, abs(a - b).max())
    return error


@pytest.mark.parametrize("return_sequences", [True, False])
@pytest.mark.parametrize("merge_mode", MODES)
@pytest.mark.parametrize(("dtype", "limit"), [("float32", 1e-6), ("float64", 1e-12)])
@settings(few_examples, max_examples=4)  # for each of 20 combinations
@given(SIZES, SIZES, SIZES, SIZES, MASKS, SEEDS)
def test_equals_keras(
    notebook,
    dtype,
    limit,
    merge_mode,
    return_sequences,
    batch,
    steps,
    features,
    units,
    kind,
    seed,
):
    case = (batch, steps, features, units, kind, seed, dtype)
    options = dict(merge_mode=merge_mode, return_sequences=return_sequences)
    error = bidirectional_error(notebook.bidirectional, *case, **options)
    assert error <= limit


BUGS = {
    "the backward states stay turned": ("turned)[:, ::-1]", "turned)", True),
    "the mask is not turned": ("mask[:, ::-1]", "mask", True),
    "the input is not turned": ("x[:, ::-1]", "x", True),
    "the backward reader has no mask": (", turned)", ")", True),
    "one reader twice": ("*backward, turned", "*forward, turned", True),
    "masked steps repeat the state": ("if mask is not None", "if False", True),
    "masked steps of one reader": ("left * mask[..., None]", "left", True),
    "the last step of both": ("left[:, 0]", "left[:, -1]", False),
    "the first step of both": ("right[:, -1]", "right[:, 0]", False),
    "the readers exchanged": ("](right, left)", "](left, right)", True),
}


@pytest.mark.parametrize("bug", BUGS)
def test_comparison_with_keras_exposes(notebook, bug):
    old, new, sequences = BUGS[bug]
    bidirectional = with_bug(NOTEBOOK, "bidirectional", old, new)
    bidirectional.__globals__["MERGE"] = notebook.MERGE
    case = (3, 6, 2, 4, "random", 1, "float64")
    options = dict(merge_mode="concat", return_sequences=sequences)
    assert bidirectional_error(notebook.bidirectional, *case, **options) < (1e-12)
    assert bidirectional_error(bidirectional, *case, **options) > 1e-3


def test_padding_changes_no_real_state(notebook):
    rng = np.random.default_rng(1)
    shapes = [(2, 12), (3, 12), (12,)]
    forward, backward = ([rng.normal(size=s) for s in shapes] for _ in range(2))
    x = rng.normal(size=(4, 9, 2))
    mask = np.arange(9) < 5
    long = notebook.bidirectional(x, forward, backward, np.tile(mask, (4, 1)))
    short = notebook.bidirectional(x[:, :5], forward, backward)
    assert np.array_equal(long[:, :5], short) and not long[:, 5:].any()


@pytest.mark.parametrize("direction", ["forward", "backward", "both"])
def test_read_stands_in_place(notebook, direction):
    """State t stands at step t, whatever the direction, and padding counts nothing."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(3, 6, 2)).astype("float32")
    mask = np.arange(6) < [[6], [4], [1]]
    inputs, real = keras.Input((6, 2)), keras.Input((6,), dtype="bool")
    model = keras.Model([inputs, real], notebook.read(inputs, real, direction, units=3))
    theirs = model.predict_on_batch([x, mask])
    weights = model.get_weights()
    if direction == "both":
        ours = notebook.bidirectional(x, weights[:3], weights[3:], mask)
    elif direction == "forward":
        ours = notebook.lstm(x, *weights, mask)
    else:
        ours = notebook.lstm(x[:, ::-1], *weights, mask[:, ::-1])[:, ::-1]
    assert theirs.shape == ours.shape
    np.testing.assert_allclose(theirs[mask], ours[mask], rtol=0, atol=1e-5)


@few_examples
@given(SIZES, SIZES, SIZES, SEEDS)
def test_masked_max(notebook, batch, steps, units, seed):
    """The maximum over the real steps; each row has at least one."""
    rng = np.random.default_rng(seed)
    states = rng.uniform(-1, 1, (batch, steps, units)).astype("float32")
    real = rng.random((batch, steps)) < 0.5
    real[np.arange(batch), rng.integers(0, steps, batch)] = True
    ours = keras.ops.convert_to_numpy(notebook.masked_max(states, real))
    pairs = zip(states, real, strict=True)
    theirs = [row[steps].max(axis=0) for row, steps in pairs]
    assert np.array_equal(ours, theirs)


def test_masked_max_of_negative_states(notebook):
    """What GlobalMaxPooling1D does wrong: zeros at the padding win."""
    states = np.array([[[-0.5], [-0.2], [0.0]]], "float32")
    ours = notebook.masked_max(states, np.array([[True, True, False]]))
    assert np.asarray(ours).tolist() == [[np.float32(-0.2)]]


# Tags: any sequence; an I- that continues nothing is invalid BIO, and a model says it.
TAGS = ["O", "B-per", "I-per", "B-geo", "I-geo", "B-tim"]


def follows(before, tag):
    """True if the tag may come after the one before."""
    return tag[0] != "I" or (before != "O" and before[2:] == tag[2:])


def random_tags(rng, valid):
    """Tags of some sentences; if valid, each I- continues an entity of its type."""
    rows = []
    for length in rng.integers(0, 9, rng.integers(1, 6)):
        row = ["O"]
        for _ in range(length):
            allowed = [tag for tag in TAGS if not valid or follows(row[-1], tag)]
            row.append(str(rng.choice(allowed)))
        rows.append(row[1:])
    return rows


def changed(rng, rows, valid):
    """A guess: some rows as they are, some others of the same length."""
    guess = []
    for row in rows:
        other = [t for r in random_tags(rng, valid) for t in r][: len(row)]
        other += ["O"] * (len(row) - len(other))
        if valid:
            pairs = zip(["O", *other], other, strict=False)
            other = [t if follows(b, t) else "B" + t[1:] for b, t in pairs]
        guess.append(list(row) if rng.random() < 0.5 else other)
    return guess


def conlleval(row):
    """Entities of a sentence by the rules of conlleval, start and end one by one.

    An entity starts at B-, and at an I- after O or after another type. It ends
    before O, before B-, and before another type.
    """
    spans, padded = set(), ["O", *row, "O"]

    def kind(tag):
        return tag[2:]

    starts = [
        t
        for t in range(1, len(padded) - 1)
        if padded[t] != "O"
        and (padded[t][0] == "B" or kind(padded[t - 1]) != kind(padded[t]))
    ]
    for start in starts:
        end = start + 1
        while padded[end] == f"I-{kind(padded[start])}":
            end += 1
        spans.add((start - 1, end - 1, kind(padded[start])))
    return spans


@few_examples
@given(SEEDS, st.booleans())
def test_entities_equal_conlleval(notebook, seed, valid):
    for row in random_tags(np.random.default_rng(seed), valid):
        assert notebook.entities(row) == conlleval(row), row


def test_entities_of_every_short_sentence(notebook):
    """All sequences of four tags, valid or not."""
    for number in range(len(TAGS) ** 4):
        row = [TAGS[number // len(TAGS) ** k % len(TAGS)] for k in range(4)]
        assert notebook.entities(row) == conlleval(row), row


def library_scores(truth, guess):
    """Precision, recall, F1 and number of each type by nervaluate, strict."""
    from nervaluate import Evaluator  # not there on Python 3.10

    kinds = sorted({tag[2:] for tag in TAGS} - {""})
    found = Evaluator(truth, guess, tags=kinds, loader="list").evaluate()
    results = {kind: found["entities"][kind]["strict"] for kind in found["entities"]}
    results["all"] = found["overall"]["strict"]
    return {
        kind: (r.precision, r.recall, r.f1, r.possible) for kind, r in results.items()
    }


def score_error(score, truth, guess):
    """Largest difference from the library, over the types that are there."""
    theirs = {k: v for k, v in library_scores(truth, guess).items() if v[-1]}
    table = score(truth, guess)
    if set(table.index) != set(theirs):
        return float("inf")
    ours = table[["precision", "recall", "F1", "number"]].to_dict("index")
    return max(
        abs(np.subtract([*ours[kind].values()], theirs[kind])).max() for kind in theirs
    )


@needs_nervaluate
@few_examples
@given(SEEDS, st.booleans())
def test_score_equals_the_library(notebook, seed, valid):
    """nervaluate reads an invalid I- as the notebook does: an entity begins."""
    rng = np.random.default_rng(seed)
    truth = [*random_tags(rng, valid), ["B-per", "I-per", "O"]]
    guess = changed(rng, truth, valid)
    assert score_error(notebook.score, truth, guess) <= 1e-12


SCORE_BUGS = {
    "precision and recall exchanged": (
        "(hit, a & b), (said, b), (there, a)",
        "(hit, a & b), (said, a), (there, b)",
    ),
    "all that differ": ("(said, b)", "(said, a | b)"),
    "no factor 2": ("2 * hit[kind]", "hit[kind]"),
    "all types once": ("['all'] * len(spans)", "['all']"),
    "the mean of precision and recall": (
        "2 * hit[kind] / (said[kind] + there[kind])",
        "(hit[kind] / max(said[kind], 1) + hit[kind] / there[kind]) / 2",
    ),
}


@needs_nervaluate
@pytest.mark.parametrize("bug", SCORE_BUGS)
def test_comparison_with_the_library_exposes(bug):
    truth = [["B-per", "I-per", "O", "B-geo"], ["B-per", "O", "B-per", "B-geo"]]
    guess = [["B-per", "O", "B-tim", "B-geo"], ["B-per", "O", "O", "O"]]
    score = with_bug(NOTEBOOK, "score", *SCORE_BUGS[bug])
    assert score_error(score, truth, guess) > 0.05


def test_score_by_hand(notebook):
    truth = [["B-per", "I-per", "O", "B-geo"], ["B-per", "O"], ["O"]]
    guess = [["B-per", "I-per", "B-tim", "I-geo"], ["O", "O"], ["B-geo"]]
    table = notebook.score(truth, guess)
    assert list(table.index) == ["per", "geo", "all"], "the most frequent first"
    assert table.loc["per"].tolist() == pytest.approx([1, 1 / 2, 2 / 3, 2])
    assert table.loc["geo"].tolist() == pytest.approx([1 / 2, 1, 2 / 3, 1])
    assert table.loc["all"].tolist() == pytest.approx([2 / 4, 2 / 3, 4 / 7, 3])
    with pytest.raises(ValueError):
        notebook.score(truth, guess[:2])


@pytest.mark.parametrize(
    ("word", "shape"),
    [
        ("word", 1),
        (",", 1),
        ("iPhone", 1),
        ("Iran", 2),
        ("I", 2),
        ("Ö", 2),
        (".COM", 3),
        ("USA", 4),
        ("U.S.", 4),
        ("1990s", 5),
        ("7", 5),
        ("B2b", 6),
        ("3D", 7),
        ("F16", 8),
    ],
)
def test_shape_of(notebook, word, shape):
    assert notebook.shape_of(word) == shape


@given(st.text("aB1.é-", min_size=1, max_size=6))
@few_examples
def test_shape_of_fits_its_embedding(notebook, word):
    assert 1 <= notebook.shape_of(word) <= 8, "0 is the padding"


def padding(rows, lengths):
    """Steps of padding if each batch is as long as its longest row."""
    return sum((lengths[r].max() - lengths[r]).sum() for r in rows)


@few_examples
@given(st.integers(0, 400), st.integers(1, 20), SEEDS)
def test_batches(notebook, count, batch, seed):
    lengths = np.random.default_rng(seed).integers(1, 60, count)
    copy = lengths.copy()
    rows = notebook.batches(lengths, batch, np.random.default_rng(seed))
    assert rows.shape == (count // batch, batch)
    used = Counter(rows.ravel().tolist())
    assert set(used) <= set(range(count)), "row numbers"
    assert max(used.values(), default=1) == 1, "a row twice"
    assert np.array_equal(lengths, copy)


def mean_waste(batches):
    """Padding, as a share of that of batches in random order."""
    rng = np.random.default_rng(3)
    lengths = rng.integers(1, 60, 1600)
    random_order = rng.permutation(1600).reshape(-1, 16)
    rows = batches(lengths, 16, rng)
    return padding(rows, lengths) / padding(random_order, lengths)


def test_batches_hold_similar_lengths(notebook):
    assert mean_waste(notebook.batches) < 0.2


def test_unsorted_batches_waste(notebook):
    batches = with_bug(NOTEBOOK, "batches", "g[np.argsort(lengths[g])]", "g")
    assert mean_waste(batches) > 0.8


def test_batches_come_in_a_fresh_order(notebook):
    """Neither the batches nor their members are the same in two epochs."""
    lengths = np.random.default_rng(4).integers(1, 60, 800)
    rng = np.random.default_rng(5)
    first, second = (notebook.batches(lengths, 8, rng) for _ in range(2))
    sets = [{frozenset(row) for row in rows.tolist()} for rows in (first, second)]
    assert len(sets[0] & sets[1]) < 5
    means = lengths[first].mean(axis=1)
    assert abs(np.corrcoef(np.arange(len(means)), means)[0, 1]) < 0.4
    ups = (np.diff(means) > 0).mean()
    assert 0.3 < ups < 0.7, "batches from short to long"
    again = notebook.batches(lengths, 8, np.random.default_rng(5))
    assert np.array_equal(first, again), "the same seed, the same batches"


def causal(ids):
    return np.cumsum(ids, axis=1)[..., None] * np.ones(2)


def looks_back_and(ahead):
    """A model whose output also reads the token so many steps later."""

    def model(ids):
        future = np.zeros_like(ids)
        future[:, : ids.shape[1] - ahead] = ids[:, ahead:]
        return causal(ids) + 0.5 * future[..., None]

    return model


SEQUENCES = np.array([[0, 1, 2, 3, 4, 5, 6, 6], [6, 5, 4, 3, 2, 1, 0, 0]])


@pytest.mark.parametrize("place", [1, 4, 7])
def test_leak(notebook, place):
    """The size of the largest move before the place; the last token wraps around."""
    copy = SEQUENCES.copy()
    step = max((SEQUENCES[:, place] + 1) % 7 - SEQUENCES[:, place], key=abs)
    assert notebook.leak(causal, SEQUENCES, place) == 0
    for ahead in range(1, place + 1):
        moved = notebook.leak(looks_back_and(ahead), SEQUENCES, place)
        assert moved == 0.5 * abs(step)
    assert np.array_equal(SEQUENCES, copy), "the input was changed"


def test_leak_finds_one_output_of_one_row(notebook):
    def model(ids):
        out = causal(ids)
        out[1, 2, 1] -= ids[1, 5]
        return out

    assert notebook.leak(model, SEQUENCES, 5) == 1
    assert notebook.leak(model, SEQUENCES, 4) == 0
    assert notebook.leak(model, SEQUENCES[:1].repeat(2, axis=0), 2) == 0


def test_leak_gives_the_model_known_tokens_only(notebook):
    def model(ids):
        assert ids.min() >= 0 and ids.max() < 7
        return causal(ids)

    for place in range(1, 8):
        notebook.leak(model, SEQUENCES, place)
