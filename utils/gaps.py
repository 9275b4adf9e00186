"""Sequences in which something early decides something late, across a settable gap."""

from numbers import Integral

import numpy as np

SYMBOLS = 8  # ids 0 … 7: what to remember
DISTRACTORS = 10  # ids 8 … 17: what to ignore
KINDS = ("sky", "France", "loan", "cuisine", "Sindh")

# One form per kind. Filler stands at "..."; {asked} says which of two facts counts.
FORMS = {
    "sky": "the {first} ... are in the",
    "France": "i grew up in {first} ... i speak fluent",
    "loan": "{first} due to my current job situation and family conditions ... i",
    "cuisine": "{name} eats {first} almost every day his brother {brother} loves "
    "{second} ... {asked} 's favourite cuisine is",
    "Sindh": "i live in {first} my friend lives in {second} ... {asked} can speak",
}

# For each kind: the answers, and the clues that ask for them.
CLUES = {
    "sky": {
        "sky": ["clouds"],
        "water": ["fish"],
        "field": ["cows"],
        "library": ["books"],
        "garage": ["cars"],
        "theatre": ["actors"],
        "forest": ["trees"],
        "classroom": ["pupils"],
    },
    "France": {
        "french": ["france"],
        "italian": ["italy"],
        "spanish": ["spain"],
        "german": ["germany"],
        "polish": ["poland"],
        "greek": ["greece"],
        "turkish": ["turkey"],
        "japanese": ["japan"],
        "hungarian": ["hungary"],
        "swedish": ["sweden"],
    },
    # Two words each, so that the length does not give the answer away.
    "loan": {"need": ["so today"], "had": ["last year"]},
    "cuisine": {
        "indian": ["samosa", "dosa", "biryani"],
        "italian": ["pasta", "pizza", "risotto"],
        "japanese": ["sushi", "ramen", "tempura"],
        "mexican": ["tacos", "burritos", "enchiladas"],
        "french": ["quiche", "ratatouille", "cassoulet"],
        "greek": ["moussaka", "souvlaki", "gyros"],
        "korean": ["kimchi", "bibimbap", "bulgogi"],
        "spanish": ["paella", "gazpacho", "churros"],
    },
    "Sindh": {
        "sindhi": ["sindh"],
        "welsh": ["wales"],
        "gujarati": ["gujarat"],
        "bengali": ["bengal"],
        "catalan": ["catalonia"],
        "breton": ["brittany"],
        "galician": ["galicia"],
        "corsican": ["corsica"],
        "frisian": ["friesland"],
        "icelandic": ["iceland"],
    },
}
NAMES = ["dhaval", "bhavin", "arjun", "omar", "tomas", "kenji", "luca", "pavel"]

# Filler: each phrase fits anywhere. Those of one or two words only close a gap.
PHRASES = [
    phrase.split(" ")
    for phrase in """\
indeed
also
still
perhaps
of course
in fact
as usual
after all
while it rained
as snow fell
while birds sang
when bells rang
as children played
near the station
after a walk
by the window
before the concert
during the holidays
along the river
on quiet mornings
as the bus waited
while the kettle boiled
when the shop opened
after a long walk
with a blue umbrella
on a quiet morning
under the old bridge
while the neighbours slept
as the wind dropped
between two short meetings
near the tall gate
and the tea cooled
and nobody was late
before the rain began
as the train was late
while the garden was green
when the post came early
after the street market closed
with a cup of tea
and the radio played music
before the lamps came on
on the way to town
while a neighbour painted walls
as leaves fell on grass
and the streets were quiet
when the sun came out
while someone swept the wide stairs
as the ferry crossed the lake
and the cat slept near noon
after the weather turned mild again
when the two clocks struck ten
with a long letter to write
on a bench outside the station
because the next tram was full
before the evening became too cold
as the baker opened both doors""".splitlines()
]
LONGEST = max(len(phrase) for phrase in PHRASES)
FITTING = {  # words left to fill → phrases to choose from
    left: [p for p in PHRASES if min(left, 3) <= len(p) <= left]
    for left in range(1, LONGEST + 1)
}


def symbols(
    count: int, gap: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Make the controlled-gap task: name the first symbol after `gap` distractors.

    All ids are drawn uniformly and independently, so chance is 1/8.

    Args:
        count: Number of sequences, at least 1.
        gap: Number of distractors between the symbol and the end, at least 0.
        rng: NumPy's random generator; the same seed gives the same data.

    Returns:
        `x`, int32 of shape `(count, gap + 1)`: one of the ids 0 … 7, then `gap` ids
        from 8 … 17. `y`, int32 of shape `(count,)`: the first column of `x`.

    Raises:
        TypeError: If `count` or `gap` is no integer, or `rng` is no generator.
        ValueError: If `count` or `gap` is too small.

    Example:
        >>> x, y = symbols(100, gap=5, rng=np.random.default_rng(7))
        >>> x.shape, y.shape, bool((x[:, 0] == y).all())
        ((100, 6), (100,), True)
    """
    _check(count, gap, rng)
    y = rng.integers(SYMBOLS, size=count, dtype="int32")
    rest = rng.integers(SYMBOLS, SYMBOLS + DISTRACTORS, (count, gap), dtype="int32")
    return np.column_stack([y, rest]), y


def answers(kind: str) -> list[str]:
    """Return all answers of a kind in a fixed order (chance is 1 / their number).

    Args:
        kind: One of `KINDS`.

    Raises:
        ValueError: If the kind is unknown.

    Example:
        >>> answers("loan")
        ['need', 'had']
    """
    if kind not in KINDS:
        raise ValueError(
            f"Expected a kind among {KINDS}, got {kind!r}. Use one of them."
        )
    return list(CLUES[kind])


def sentences(
    kind: str, gap: int, count: int, rng: np.random.Generator
) -> tuple[list[list[str]], list[str]]:
    """Make sentences whose next word is decided by a clue `gap` words before the end.

    The gap is the number of words after the clue: the clue of `sentence` is
    `sentence[-gap - 1]`. It counts fixed words and filler alike (`"'s"` is one word).
    Of the clues `"so today"` and `"last year"`, the last word counts.

    All answers are equally likely, and the filler does not depend on the answer.
    "cuisine" and "Sindh" state two facts with different answers, then ask for either:
    the form is the same up to the question, so both facts must be remembered (a model
    that ignores the question is right half of the time).
    The fact that is not asked for stands before the clue, or after it (in the gap).
    Their sentences therefore have two lengths, which tell who is asked for, not the
    answer: use padding with a mask. All other kinds have one length.

    Args:
        kind: One of `KINDS`.
        gap: Words after the clue. At least 3 for "sky" and "France", 10 for "loan",
            13 for "cuisine", 8 for "Sindh": the fixed words that follow the clue.
        count: Number of sentences, at least 1.
        rng: NumPy's random generator; the same seed gives the same data.

    Returns:
        `count` lists of lower-case words, and the `count` words that continue them.

    Raises:
        TypeError: If `count` or `gap` is no integer, or `rng` is no generator.
        ValueError: If the kind is unknown, or `count` or `gap` is too small.

    Example:
        >>> x, y = sentences("France", gap=8, count=1, rng=np.random.default_rng(4))
        >>> " ".join(x[0]), y[0]
        ('i grew up in turkey and the streets were quiet i speak fluent', 'turkish')
    """
    classes, form = answers(kind), FORMS[kind]
    # How many fixed words follow each clue; "..." is not a word.
    slots = [slot for slot in ("{first}", "{second}") if slot in form]
    fixed = [len(form.partition(slot)[2].split()) - 1 for slot in slots]
    _check(count, gap, rng, smallest=max(fixed))
    x, y = [], []
    for _ in range(count):
        labels = rng.choice(classes, 2, replace=False).tolist()
        first, second = (_pick(CLUES[kind][label], rng) for label in labels)
        name, brother = rng.choice(NAMES, 2, replace=False).tolist()
        fact = rng.integers(len(fixed))
        asked = ((name, brother) if kind == "cuisine" else ("i", "he"))[fact]
        head, tail = form.format(
            first=first, second=second, name=name, brother=brother, asked=asked
        ).split("...")
        x.append(head.split() + _filler(gap - fixed[fact], rng) + tail.split())
        y.append(labels[fact])
    return x, y


def _filler(length: int, rng: np.random.Generator) -> list[str]:
    """Join random phrases to exactly `length` words, none twice in a row."""
    words, previous = [], None
    while left := length - len(words):
        phrase = _pick(FITTING[min(left, LONGEST)], rng)
        if phrase is not previous:
            words += phrase
            previous = phrase
    return words


def _pick(items: list, rng: np.random.Generator):
    return items[rng.integers(len(items))]


def _check(count: int, gap: int, rng: np.random.Generator, smallest: int = 0) -> None:
    """Raise if an argument cannot be used."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"Expected rng to be a NumPy generator, got {type(rng).__name__}. "
            f"Pass np.random.default_rng(7)."
        )
    for name, value, least in (("count", count, 1), ("gap", gap, smallest)):
        if not isinstance(value, Integral) or isinstance(value, bool):
            raise TypeError(
                f"Expected {name} to be an integer, got {value!r}. "
                f"Pass a whole number, at least {least}."
            )
        if value < least:
            raise ValueError(
                f"Expected {name} of at least {least}, got {value}. "
                f"Pass {name}={least} or more."
            )
