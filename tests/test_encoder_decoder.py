"""Notebook 09: its pairs, attention, searches and scores equal plain references."""

import itertools
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_cells import ROOT, load
from recurrent_cases import (
    SEEDS,
    SIZES,
    VERSIONS,
    few_examples,
    functions,
    read_results,
    with_bug,
)
from sacrebleu.metrics import BLEU
from scipy.special import log_softmax

from experiments import translation
from utils import runtime
from utils.text import Vocabulary, pad

with runtime.quiet():
    import keras

NOTEBOOK = load("09")
PAD, UNK, START, END = range(4)
SPECIALS = ["<pad>", "<unk>", "<start>", "<end>"]
MARKS = dict(PAD=PAD, UNK=UNK, START=START, END=END, SPECIALS=SPECIALS)
NAMES = (
    "tokenise count_words symbol_ids draw_sums sum_ids some_sums shift masked_loss "
    "masked_accuracy make_adder greedy_search stepper batches dot_scores "
    "additive_scores attend make_translator make_optimizer run_updates beam_search "
    "toy_writer list_all start_of join to_text bleu read_sentence explain attention_map"
).split()


def digit_codes():
    digits = Vocabulary("0123456789+", specials=SPECIALS)
    codes = np.full(256, PAD, "int32")
    for symbol in digits.tokens[4:]:
        codes[ord(symbol)] = digits.ids[symbol]
    codes[ord(".")] = END
    return dict(digits=digits, CODES=codes)


@pytest.fixture(scope="module")
def notebook():
    module = ModuleType("notebook_09")
    # A class is not followed by `functions`: take it from the experiment's reader.
    whole = translation.functions(translation.NOTEBOOK)
    values = {name: whole[name] for name in ("Context", "Tied")}
    values |= (
        {"keras": keras}
        | MARKS
        | digit_codes()
        | {"metric": BLEU(lowercase=True, tokenize="intl")}
    )
    vars(module).update(functions(NOTEBOOK, *NAMES, **values))
    return module


# --- Sums as strings --------------------------------------------------------


@few_examples
@given(st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999)), min_size=1))
def test_sums_as_ids(notebook, pairs):
    a, b = np.array(pairs).T
    x, y = notebook.sum_ids(a, b)
    assert x.shape == (len(a), 7) and y.shape == (len(a), 5)
    for row, answer, i, j in zip(x, y, a, b, strict=True):
        question = "".join(notebook.digits.decode(row[row != PAD]))
        assert question[::-1] == f"{i}+{j}" and row[0] != PAD
        (end,) = np.flatnonzero(answer == END)
        assert not answer[end + 1 :].any()
        assert "".join(notebook.digits.decode(answer[:end])) == str(i + j)


def test_training_sums_are_never_held_out(notebook):
    held_out = np.random.default_rng(0).random((1000, 1000)) < 0.3
    notebook.some_sums.__globals__["HELD_OUT"] = held_out
    for which in (True, False):
        a, b = notebook.some_sums(5000, which, np.random.default_rng(1))
        assert len(a) == len(b) == 5000
        assert (held_out[a, b] == which).all()
        lengths = {(len(str(i)), len(str(j))) for i, j in zip(a, b, strict=True)}
        assert lengths == set(itertools.product((1, 2, 3), repeat=2))


# --- Pairs ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tokens", "count"),
    [
        ("¿Dónde está Tom?", ["¿", "dónde", "está", "tom", "?"], 3),
        ("I don’t know.", ["i", "don't", "know", "."], 3),
        ("C'est l'été\u202f!", ["c'est", "l'été", "!"], 2),
        ("Él\u00a0come 3 ﬁdeos…", ["él", "come", "3", "fideos", ".", ".", "."], 4),
        ("e\u0301l", ["él"], 1),
        (" ?! ", ["?", "!"], 0),
        ("", [], 0),
    ],
)
def test_tokenise(notebook, text, tokens, count):
    assert notebook.tokenise(text) == tokens
    assert notebook.count_words(tokens) == count


def test_batches_hold_every_pair_once_in_an_epoch(notebook):
    rng = np.random.default_rng(3)
    X = [rng.integers(4, 99, n) for n in rng.integers(1, 8, 103)]
    Y = [np.array([START, *x[::-1], *x[:1], END]) for x in X]
    cut = itertools.islice(notebook.batches(X, Y, 10, rng, part=3), 11)
    found = []
    for (x, so_far), target in cut:
        assert len(x) == len(so_far) == len(target) <= 10
        assert np.array_equal(so_far[:, 1:], target[:, :-1])
        assert (so_far[:, 0] == START).all()
        for row, answer in zip(x, target, strict=True):
            row, answer = row[row != PAD], answer[answer != PAD]
            assert answer.tolist() == [*row[::-1], row[0], END]
            found.append(tuple(row))
    assert sorted(found) == sorted(tuple(x) for x in X)


@few_examples
@given(SIZES, SIZES, SEEDS)
def test_shift(notebook, rows, steps, seed):
    y = np.random.default_rng(seed).integers(0, 9, (rows, steps))
    x = notebook.shift(y)
    assert x.shape == y.shape and (x[:, 0] == START).all()
    assert np.array_equal(x[:, 1:], y[:, :-1])


# --- Loss and accuracy ------------------------------------------------------


def loss_case(seed):
    rng = np.random.default_rng(seed)
    rows, steps, size = rng.integers(2, 6, 3) + 2
    target = rng.integers(1, size, (rows, steps))
    lengths = rng.integers(1, steps + 1, (rows, 1))
    target[np.arange(steps) >= lengths] = PAD
    return target, rng.normal(size=(rows, steps, size)).astype("float32") * 2


def nats_by_hand(target, logits):
    log_p = log_softmax(logits.astype("float64"), axis=-1)
    places = [(i, t) for i, t in np.ndindex(*target.shape) if target[i, t] != PAD]
    return -np.mean([log_p[i, t, target[i, t]] for i, t in places])


@few_examples
@given(SEEDS)
def test_masked_loss_and_accuracy(notebook, seed):
    target, logits = loss_case(seed)
    wanted = nats_by_hand(target, logits)
    assert float(notebook.masked_loss(target, logits)) == pytest.approx(wanted, 1e-5)
    by_keras = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, ignore_class=PAD
    )(target, logits)
    assert float(by_keras) == pytest.approx(wanted, 1e-5)
    real = target != PAD
    right = (logits.argmax(-1) == target)[real].mean()
    found = float(notebook.masked_accuracy(target, logits))
    assert found == pytest.approx(right, 1e-5)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ops.sum(real * nats)", "ops.sum(nats)"),
        ("/ ops.sum(real)", "/ (ops.sum(real) + 1)"),
        ("from_logits=True", "from_logits=False"),
    ],
)
def test_loss_by_hand_exposes(old, new):
    masked_loss = with_bug(NOTEBOOK, "masked_loss", old, new)
    masked_loss.__globals__.update(MARKS, keras=keras)
    found = [
        float(masked_loss(*loss_case(seed))) - nats_by_hand(*loss_case(seed))
        for seed in range(5)
    ]
    assert np.abs(found).max() > 0.01


# --- Attention --------------------------------------------------------------


def attention_case(seed):
    rng = np.random.default_rng(seed)
    n, T, S, d, a = rng.integers(1, 6, 5)
    s, h = rng.normal(size=(n, T, d)), rng.normal(size=(n, S, d))
    W_q, W_k = rng.normal(size=(2, d, a))
    real = np.arange(S) < rng.integers(1, S + 1, (n, 1))
    return s, h, W_q, W_k, rng.normal(size=a), real


def attention_by_loops(s, h, score, real):
    """Weights (n, T, S) and contexts (n, T, d), place by place."""
    n, T, S = len(s), s.shape[1], h.shape[1]
    alpha, contexts = np.zeros((n, T, S)), np.zeros(s.shape)
    for k, t in itertools.product(range(n), range(T)):
        e = {i: score(s[k, t], h[k, i]) for i in range(S) if real[k, i]}
        total = sum(np.exp(value) for value in e.values())
        for i, value in e.items():
            alpha[k, t, i] = np.exp(value) / total
            contexts[k, t] += alpha[k, t, i] * h[k, i]
    return alpha, contexts


@few_examples
@given(SEEDS)
def test_attention_equals_loops(notebook, seed):
    s, h, W_q, W_k, v, real = attention_case(seed)
    kinds = {
        "dot": (notebook.dot_scores(s, h), lambda a, b: a @ b),
        "additive": (
            notebook.additive_scores(s, h, W_q, W_k, v),
            lambda a, b: v @ np.tanh(a @ W_q + b @ W_k),
        ),
    }
    for scores, score in kinds.values():
        contexts, alpha = map(np.array, notebook.attend(scores, h, real))
        wanted = attention_by_loops(s, h, score, real)
        np.testing.assert_allclose(alpha, wanted[0], atol=1e-5)
        np.testing.assert_allclose(contexts, wanted[1], atol=1e-5)
        assert not alpha[~np.broadcast_to(real[:, None], alpha.shape)].any()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ops.where(ops.expand_dims(real, 1), scores, -1000000000.0)", "scores"),
        ("scores, -1000000000.0", "-1000000000.0, scores"),
        ("ops.sum(alpha, axis=-1,", "ops.sum(alpha, axis=1,"),
    ],
)
def test_loops_expose(old, new):
    attend = with_bug(NOTEBOOK, "attend", old, new)
    wrong = 0
    for seed in range(20):
        s, h, *_, real = attention_case(seed)
        scores = s @ h.transpose(0, 2, 1)
        found = np.array(attend(scores, h, real)[1])
        wanted, _ = attention_by_loops(s, h, np.dot, real)
        wrong += not np.allclose(found, wanted, atol=1e-5)
    assert wrong > 0


# --- The models -------------------------------------------------------------

TINY = (9, 8, 6, 5)  # entries of both vocabularies, units, width


@pytest.fixture(scope="module", params=["fixed", "dot", "additive"])
def models(request, notebook):
    keras.utils.set_random_seed(1)
    return (request.param, *notebook.make_translator(request.param, *TINY))


def tiny_case(seed, rows=4):
    rng = np.random.default_rng(seed)
    x = pad([rng.integers(4, 9, n) for n in rng.integers(1, 6, rows)], 5)
    return x, np.concatenate(
        [np.full((rows, 1), START), rng.integers(4, 8, (rows, 3))], 1
    )


def test_one_step_at_a_time_equals_all_steps(notebook, models):
    """The state that is handed over is all that the writer knows of the past."""
    _, model, reader, writer = models
    x, so_far = tiny_case(0)
    wanted = model.predict_on_batch([x, so_far])
    state, step = notebook.start_of(reader, x), notebook.stepper(writer, never=())
    for t in range(so_far.shape[1]):
        log_p, state = step(so_far[:, t], state)
        np.testing.assert_allclose(log_p, log_softmax(wanted[:, t], -1), atol=1e-5)


def test_padding_changes_nothing(models):
    _, model, _, _ = models
    x, so_far = tiny_case(1)
    together = model.predict_on_batch([x, so_far])
    for k, row in enumerate(x):
        alone = model.predict_on_batch([row[row != PAD][None], so_far[k : k + 1]])
        np.testing.assert_allclose(together[k], alone[0], atol=1e-5)


def test_weights_of_attention(models):
    kind, _, reader, writer = models
    x, so_far = tiny_case(2)
    h, last = reader.predict_on_batch(x)
    alpha = writer.predict_on_batch([so_far, last, h, last, x])[2]
    assert alpha.shape == (*so_far.shape, x.shape[1])
    wanted = 0 if kind == "fixed" else 1
    np.testing.assert_allclose(alpha.sum(-1), wanted, atol=1e-5)
    assert not alpha[np.broadcast_to((x == PAD)[:, None], alpha.shape)].any()


def test_train_makes_one_update_for_each_batch(notebook, capsys):
    """With a rate of 0 each loss is that of its own batch, not a running mean."""
    model, _, _ = notebook.make_translator("dot", *TINY)
    model.compile(keras.optimizers.SGD(0.0), notebook.masked_loss)
    rows = []
    for seed in range(8):
        x, so_far = tiny_case(seed)
        target = np.concatenate([so_far[:, 1:], np.full((len(x), 1), END)], axis=1)
        target[0, 2:] = PAD
        rows.append(([x, so_far], target))
    wanted = [nats_by_hand(y, model.predict_on_batch(pair)) for pair, y in rows]
    losses = notebook.run_updates(model, iter(rows), 8)
    np.testing.assert_allclose(losses, wanted, rtol=1e-4)
    assert capsys.readouterr().out.count("nats per word") == 4


def test_fixed_and_dot_have_the_same_weights(notebook):
    counts = {
        k: notebook.make_translator(k, *TINY)[0].count_params()
        for k in ("fixed", "dot", "additive")
    }
    assert counts["fixed"] == counts["dot"]
    assert counts["additive"] == counts["dot"] + 2 * 6 * 128 + 128


def test_the_writer_never_writes_marks(notebook, models):
    _, _, reader, writer = models
    x, _ = tiny_case(3, rows=6)
    written = notebook.greedy_search(
        notebook.stepper(writer), notebook.start_of(reader, x), 7
    )
    assert written.shape[0] == 6 and written.shape[1] <= 7
    for row in written:
        real = row[: int(np.argmax(row == END))] if END in row else row
        assert not set(real.tolist()) & {PAD, UNK, START}


# --- Searches ---------------------------------------------------------------


class Remembering:
    """A toy writer whose P depends on the whole text so far and on the sentence.

    Its state has a row for each sentence: a number of the sentence and a code of the
    text. If a search moves rows wrongly, it gets wrong probabilities.
    """

    def __init__(self, seed, end=0.0):
        self.seed, self.end = seed, end

    def log_p(self, sentence, code):
        rng = np.random.default_rng([self.seed, int(sentence), int(code)])
        scores = rng.normal(size=6) * 1.5
        scores[END] += self.end
        scores[[PAD, UNK, START]] = -np.inf
        return log_softmax(scores)

    def step(self, word, state):
        sentence, code = state
        code = code * 7 + word
        rows = [self.log_p(i, c) for i, c in zip(sentence, code, strict=True)]
        return np.array(rows), [sentence, code]

    def start(self, count):
        return [np.arange(count), np.zeros(count, int)]

    def listed(self, sentence, longest, power):
        """All texts that end within `longest` steps, with their scores."""
        found, open_texts = [], [((), 0.0, START)]
        for length in range(1, longest + 1):
            grown = []
            for text, total, code in open_texts:
                log_p = self.log_p(sentence, code)
                found.append(((total + log_p[END]) / length**power, (*text, END)))
                grown += [((*text, w), total + log_p[w], code * 7 + w) for w in (4, 5)]
            open_texts = grown
        return max(found)[1]


def without_padding(row):
    return tuple(row[row != PAD].tolist())


@pytest.mark.parametrize("power", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_full_beam_equals_the_list_of_all(notebook, seed, power):
    toy = Remembering(seed)
    found = notebook.beam_search(toy.step, toy.start(5), 40, 4, power)
    wanted = [toy.listed(i, 4, power) for i in range(5)]
    assert [without_padding(row) for row in found] == wanted


@pytest.mark.parametrize("seed", range(10))
def test_beam_of_one_is_greedy(notebook, seed):
    toy = Remembering(seed, end=-0.5)
    greedy = notebook.greedy_search(toy.step, toy.start(7), 6)
    beam = notebook.beam_search(toy.step, toy.start(7), 1, 6)
    assert np.array_equal(greedy, beam)


@pytest.mark.parametrize("width", [1, 2, 5])
def test_sentences_of_a_batch_do_not_touch(notebook, width):
    toy = Remembering(3)
    together = notebook.beam_search(toy.step, toy.start(6), width, 5)
    for i in range(6):
        alone = notebook.beam_search(
            toy.step, [part[i : i + 1] for part in toy.start(6)], width, 5
        )
        assert without_padding(alone[0]) == without_padding(together[i])


@pytest.mark.parametrize("width", [1, 2, 8])
def test_a_beam_returns_something_when_nothing_has_ended(notebook, width):
    toy = Remembering(1, end=-np.inf)
    found = notebook.beam_search(toy.step, toy.start(3), width, 4)
    assert found.shape == (3, 4) and set(found.ravel()) <= {4, 5}


def test_a_wider_beam_is_better_on_average(notebook):
    def score(toy, row):
        total, code = 0.0, START
        for word in without_padding(row):
            total += toy.log_p(0, code)[word]
            code = code * 7 + word
        return total

    means = []
    for width in (1, 2, 4, 16):
        rows = [
            (toy, notebook.beam_search(toy.step, toy.start(1), width, 4, 0.0)[0])
            for toy in map(Remembering, range(30))
        ]
        means.append(np.mean([score(toy, row) for toy, row in rows]))
    assert means[0] < means[1] <= means[3] and means[2] <= means[3] + 1e-9


BEAM_BUGS = {
    "states do not move": ("part[rows.ravel()]", "part"),
    "all beginnings count": ("total[:, 0] = 0.0", "total[:] = 0.0"),
    "ended sentences grow": (
        "ended = ended.ravel()[rows] | (word == END)",
        "ended = np.zeros_like(ended)",
    ),
    "the length counts padding": ("length + ~ended", "length + 1"),
    "texts do not move": ("text.reshape(n * width, -1)[rows]", "text"),
    "the first of the beam": (
        "best_of(total, length, ended, power)",
        "0 * best_of(total, length, ended, power)",
    ),
}


@pytest.mark.parametrize("bug", BEAM_BUGS)
def test_the_list_of_all_exposes(bug):
    beam_search = with_bug(NOTEBOOK, "beam_search", *BEAM_BUGS[bug])
    beam_search.__globals__.update(MARKS)
    differences = 0
    for seed, power in itertools.product(range(6), (0.0, 1.0)):
        toy = Remembering(seed)
        found = beam_search(toy.step, toy.start(4), 40, 4, power)
        wanted = [toy.listed(i, 4, power) for i in range(4)]
        differences += [without_padding(row) for row in found] != wanted
    assert differences > 0


def test_best_of_without_the_open_ones(notebook):
    best_of = notebook.beam_search.__globals__["best_of"]
    total, length = np.array([[-1.0, -6.0, -9.0]]), np.array([[2, 2, 3]])
    for ended, place in [
        ([0, 0, 0], 0),
        ([0, 1, 1], 1),
        ([0, 0, 1], 2),
        ([1, 1, 1], 0),
    ]:
        assert best_of(total, length, np.array([ended], bool), 0.0) == [place]


def test_toy_of_the_notebook(notebook):
    step, table = notebook.toy_writer(5)
    log_p, _ = step(np.array([START, 4]), [np.array([0, 2])])
    assert np.allclose(np.exp(log_p).sum(axis=1), 1)
    assert notebook.list_all(table, 5, 0.0)[-1] == END


# --- Text in and out --------------------------------------------------------


def test_to_text(notebook):
    tokens = ["¿", "dónde", "está", ",", "tom", "?"]
    vocabulary = Vocabulary((), specials=[*SPECIALS, *tokens])
    ids = [4, 5, 6, 7, 8, 9, END, 8, PAD]
    assert notebook.to_text(ids, vocabulary) == "¿dónde está, tom?"
    assert notebook.to_text([END, 8], vocabulary) == ""
    assert notebook.to_text([8, 8], vocabulary) == "tom tom"


def test_bleu_takes_every_reference(notebook):
    texts = ["el perro negro come hoy.", "hola amigo mío, buenos días."]
    references = [["no.", "El perro negro come hoy."], ["Hola amigo mío, buenos días."]]
    assert notebook.bleu(texts, references).score == pytest.approx(100)
    first = [[group[0]] for group in references]
    assert notebook.bleu(texts, first).score < 80


KNOWN = Vocabulary("i like the red house .".split(), specials=SPECIALS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got no word in ''"),
        ("  ?! ", "got no word"),
        ("i like the red house the red house.", "at most 7 words and marks, got 9"),
        ("xqz wvk", "none of these words: xqz, wvk"),
        ("Wolfgang!", "none of these words: wolfgang"),
    ],
)
def test_read_sentence_refuses(notebook, text, message):
    with pytest.raises(ValueError, match=message):
        notebook.read_sentence(text, KNOWN, 7)


def test_read_sentence_names_unknown_words(notebook):
    tokens, unknown = notebook.read_sentence("I like the hous!", KNOWN, 7)
    assert tokens == ["i", "like", "the", "hous", "!"]
    assert unknown == ["hous", "!"]
    line = notebook.explain("hous", KNOWN)
    assert "'hous'" in line and "<unk>" in line and "house" in line
    assert "similar" not in notebook.explain("qqqq", KNOWN)


# --- The experiment and its files -------------------------------------------

ROWS = "context seed words sentences bleu length loss updates weights seconds".split()


def test_translation_has_every_run_once():
    table = read_results("translation.csv", ROWS + VERSIONS)
    groups = [f"{low}–{high}" for low, high in translation.GROUPS]
    wanted = itertools.product(translation.KINDS, translation.SEEDS, groups)
    found = map(tuple, table[["context", "seed", "words"]].to_numpy().tolist())
    assert sorted(found) == sorted(wanted)
    assert (table["updates"] == translation.UPDATES).all()
    assert (table["sentences"] >= 100).all() and table["bleu"].between(0, 100).all()
    assert table.groupby(["context", "words"])["bleu"].nunique().min() > 1
    weights = table.groupby("context")["weights"].unique()
    assert weights["fixed"].tolist() == weights["dot"].tolist()


def test_kept_weights_are_small_plain_and_complete(notebook):
    paths = sorted((ROOT / "data" / "results").glob("translation_*.npz"))
    if not paths:
        pytest.skip("translation.py has not been run yet")
    assert sum(path.stat().st_size for path in paths) <= 8_000_000
    for path in paths:
        kept = np.load(path, allow_pickle=False)
        sizes = [len(kept[name]) for name in ("english", "spanish")]
        assert sizes == list(translation.WORDS)
        weights = [kept[n] for n in sorted(kept.files) if n[0] == "w"]
        assert all(w.dtype == "float16" and np.isfinite(w).all() for w in weights)
        kind = path.stem.split("_")[1]
        _, reader, writer = notebook.make_translator(
            kind, *sizes, translation.UNITS, translation.WIDTH
        )
        shapes = [w.shape for m in (reader, writer) for w in m.get_weights()]
        assert shapes == [w.shape for w in weights]


def test_repeated_notebook_has_every_quantity_for_every_seed():
    path = ROOT / "data" / "results" / "09_encoder_decoder.csv"
    if not path.exists():
        pytest.skip("09_encoder_decoder.csv has not been measured yet")
    wide = pd.read_csv(path).pivot(index="seed", columns="quantity", values="value")
    assert sorted(wide.index) == [1, 2, 3, 4, 5]
    assert np.isfinite(wide).all(axis=None)
    assert (wide["BLEU, copy the nearest"].nunique()) == 1, "it has no seed"
    assert (wide["BLEU, greedy"].nunique()) == 5
    for name in ("greedy", "beam"):
        assert (wide[f"BLEU, {name}"] > wide["BLEU, copy the nearest"]).all()
    assert wide["sums: characters right"].between(0.99, 1).all()
    assert (wide["BLEU, beam"] >= 35).all() and wide["BLEU, greedy"].max() >= 35
    assert (wide["BLEU, greedy"] >= 35).sum() == 1, "the verdict counts them"
