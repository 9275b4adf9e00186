"""Makes the stand-ins for the film reviews, the word vectors and the analogies.

`make_standins.py` writes these files with the other stand-ins. Each maker uses a
fixed seed. Where the numbers of two computers differ in the last bits, a vector
may differ by 0.001; everything else is the same on each run.

standin_imdb.npz    stands in for the IMDB reviews, in the same form: lists of word
                    ids, all positive reviews before all negative ones. The films
                    are invented. The label follows the verdict. A plain review
                    has one opinion, with few exceptions. A mixed one names as many
                    good sides as bad ones, and its last sentence, with "but
                    overall" or "in the end", decides. A late one tells the plot
                    and judges at the end. An opinion may be denied ("not good").
                    Two labels in a hundred are wrong on purpose.
standin_imdb_word_index.json  the words of the ids: from word to frequency rank.
standin_vectors.txt stands in for GloVe: a word and its 50 numbers on each line, the
                    frequent words first. The vectors come from a much longer text
                    of the same grammar by counting neighbours (PPMI and a singular
                    value decomposition). A king and a queen do the same things,
                    with "his" and "her": so the vectors answer analogies. The
                    rarest words have no vector.
standin_questions.txt  stands in for the analogy questions. About one question in
                    ten has a word without a vector.

How to read the sentences below. A slot in brackets is filled:

    [is|was]        the first in a review in the present tense, else the second
    [good] [bad]    a word that agrees with the sentence's opinion, or opposes it
    [love]          the same for a verb, in the tense of the review; also [joy] ...
    [person s]      the person of the sentence (p: plural); [him] and the like agree
    [of person]     a word of this person's world; also [of verb], [of more] ...
    [place]         any word of the list `place`
"""

import io
import json
import random
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import accumulate, permutations

import numpy as np

SIZES = {"train": 3_000, "test": 1_500}
LENGTHS = range(25, 121)  # how many words a review may have
NOISE = 0.02
KINDS = {"plain": 70, "mixed": 17, "late": 13}  # in a hundred reviews
EXCEPTIONS = 0.1  # opinions of a plain review that oppose its verdict
TEXT_REVIEWS = 30_000  # reviews in the text that the vectors are made from
WINDOW = 10
WIDTH = 50
WITHOUT_VECTOR = 0.02  # share of the words, the rarest
QUESTIONS = 50  # in each section
OUTSIDE = {  # pairs of words that the films never use
    "family": ("emperor", "empress"),
    "past-tense": ("swim", "swam"),
    "third-person": ("swim", "swims"),
}

# --- Words --------------------------------------------------------------------
# The earlier in its list, the more frequent. One line of FORMS is one word: its
# forms, a bar, and the words of its world, which all its forms share.

FORMS = {
    "person": """
        man woman men women | hat neighbour shop
        king queen kings queens | crown throne kingdom
        boy girl boys girls | school bicycle playground
        actor actress actors actresses | stage theatre audience
        father mother fathers mothers | child family home
        prince princess princes princesses | castle dragon ball
        brother sister brothers sisters | twin secret bedroom
        husband wife husbands wives | marriage ring divorce
        hero heroine heroes heroines | mission villain rescue
        son daughter sons daughters | birthday inheritance teacher
        wizard witch wizards witches | spell wand broomstick
        uncle aunt uncles aunts | cousin farm barn
        waiter waitress waiters waitresses | restaurant tray customer
        grandfather grandmother grandfathers grandmothers | armchair photograph cottage
        groom bride grooms brides | wedding church bouquet
        policeman policewoman policemen policewomen | badge whistle uniform
        duke duchess dukes duchesses | mansion estate carriage
        nephew niece nephews nieces | holiday orphan toy
        host hostess hosts hostesses | guest party invitation
        widower widow widowers widows | grave funeral mirror
        monk nun monks nuns | prayer chapel convent
        god goddess gods goddesses | temple cloud altar
        """,
    "verb": """
        sing sings sang singing | song anthem ballad
        write writes wrote writing | letter diary novel
        drive drives drove driving | car truck taxi
        steal steals stole stealing | diamond purse watch
        break breaks broke breaking | window vase bottle
        find finds found finding | treasure map clue
        ride rides rode riding | horse camel motorcycle
        build builds built building | house bridge tower
        fight fights fought fighting | enemy soldier pirate
        paint paints painted painting | portrait wall landscape
        cook cooks cooked cooking | dinner soup stew
        catch catches caught catching | thief fish butterfly
        hide hides hid hiding | body key weapon
        throw throws threw throwing | stone spear snowball
        buy buys bought buying | ticket dress present
        sell sells sold selling | flower newspaper jewel
        teach teaches taught teaching | lesson class pupil
        climb climbs climbed climbing | mountain ladder cliff
        bake bakes baked baking | cake pie loaf
        wash washes washed washing | plate shirt spoon
        draw draws drew drawing | sketch cartoon circle
        fly flies flew flying | plane helicopter kite
        """,
    "thing": """
        song songs | melody chorus
        car cars | engine garage
        dog dogs | leash bone
        house houses | roof garden
        ship ships | sail harbour
        robot robots | wire battery
        gun guns | bullet trigger
        ghost ghosts | attic candle
        horse horses | saddle stable
        joke jokes | laugh clown
        spy spies | disguise code
        monster monsters | swamp claw
        train trains | rail tunnel
        bird birds | feather nest
        tree trees | leaf branch
        """,
    "more": """
        long longer longest | road speech queue
        dark darker darkest | night cellar alley
        young younger youngest | student dancer singer
        fast faster fastest | chase race runner
        old older oldest | ruin manuscript coin
        loud louder loudest | explosion trumpet scream
        small smaller smallest | mouse village room
        cold colder coldest | winter snow river
        tall taller tallest | skyscraper giant lighthouse
        warm warmer warmest | summer beach sun
        deep deeper deepest | ocean well cave
        rich richer richest | banker merchant heir
        wild wilder wildest | jungle creature planet
        bright brighter brightest | lamp star lightning
        strong stronger strongest | wrestler rope gorilla
        heavy heavier heaviest | suitcase armour chest
        """,
}
LISTS = {
    "good": """
        good great excellent wonderful funny beautiful brilliant amazing fine perfect
        charming clever superb fantastic touching moving lovely delightful fresh warm
        gripping honest marvellous memorable hilarious impressive elegant exciting
        intelligent terrific magnificent believable witty convincing masterful
        outstanding remarkable enchanting stunning flawless graceful inspired
        captivating refreshing heartfelt splendid subtle satisfying""",
    "bad": """
        bad boring terrible awful poor stupid dull horrible silly weak slow lame
        annoying ridiculous predictable cheap dreadful flat tedious pathetic messy
        confusing lazy pointless shallow clumsy wooden ugly lifeless dreary
        disappointing unbearable forgettable painful laughable mediocre empty stale
        unfunny idiotic sloppy tiresome miserable pretentious bland absurd
        amateurish hollow""",
    "love": """
        love/loved like/liked enjoy/enjoyed admire/admired adore/adored
        recommend/recommended praise/praised remember/remembered""",
    "hate": """
        hate/hated dislike/disliked regret/regretted despise/despised
        avoid/avoided mock/mocked detest/detested forget/forgot""",
    "pleased": """
        moved thrilled impressed amused surprised charmed delighted
        fascinated enchanted""",
    "displeased": """
        bored annoyed disappointed confused irritated disgusted offended
        exhausted embarrassed""",
    "joy": "joy pleasure treat gem masterpiece triumph delight success classic",
    "pain": "mess waste disaster failure bore insult shame mistake disgrace",
    "aspect": """
        story acting plot ending music script camera humour beginning dialogue cast
        action pace photography direction suspense scenery romance editing lighting
        atmosphere costume choreography soundtrack animation""",
    "very": "very really so quite truly rather simply extremely absolutely utterly",
    "film": "film movie picture film movie",
    "genre": """
        comedy drama thriller western horror crime war mystery adventure fantasy
        science family musical documentary""",
    "place": """
        city desert island hotel hospital prison office train airport museum library
        market factory harbour university courtroom valley suburb""",
    "time": "year month week summer winter century decade season",
    "viewer": "critics friends people viewers fans neighbours colleagues experts",
    "man": """
        tom peter george paul martin oscar hugo victor felix leo arthur walter
        henry simon daniel""",
    "woman": """
        anna clara emma julia laura nina rosa sophie vera alice helen irene
        martha lucy diana""",
}
KIN = "father mother brother sister son daughter uncle aunt".split()
PRONOUNS = (
    {"he": "he", "him": "him", "his": "his", "himself": "himself"},
    {"he": "she", "him": "her", "his": "her", "himself": "herself"},
)
SIDES = {  # the list for a good opinion, and for a bad one
    "good": ("good", "bad"),
    "bad": ("bad", "good"),
    "love": ("love", "hate"),
    "pleased": ("pleased", "displeased"),
    "joy": ("joy", "pain"),
}

# --- Sentences ----------------------------------------------------------------

PLOT = """
    the story [is|was] about a [person s] who [loses|lost] [his] [of person]
    a [person s] named [name] [wants|wanted] [his] [of person] back
    [name] [plays|played] the [person s] and [he] [guards|guarded] the [of person]
    near the [of person] the [person s] [meets|met] [his] [kin]
    the [person s] [hides|hid] [his] [of person] until [he] [is|was] found
    [name] [is|was] a [person s] and [his] [of person] [means|meant] much to [him]
    the [person s] [asks|asked] [himself] if the [of person] [is|was] [his] own
    everybody [tells|told] [him] that a [person s] [needs|needed] a [of person]
    the [person s] [goes|went] to the [place] with [his] [of person]
    two [person p] [share|shared] one [of person] and they [trust|trusted] nobody
    it [shows|showed] three [person p] and their [of person]
    many [person p] [want|wanted] the [of person] for themselves
    the [person p] [lose|lost] their [of person] and all of them [leave|left]
    every day [he] [verb s] the [of verb] in the [place]
    now [he] [verb s] a [of verb] for [his] [kin]
    today [name] [verb s] the [of verb] again
    a [time] ago [he] [verb past] the [of verb]
    once [name] [verb past] a [of verb] in the [place]
    in the last [time] [he] [verb past] the [of verb] for [his] [kin]
    [he] [wants|wanted] to [verb base] the [of verb]
    tomorrow [name] will [verb base] a [of verb]
    they must [verb base] the [of verb] together
    [he] [is|was] [verb ing] the [of verb] all the time
    [name] [keeps|kept] [verb ing] a [of verb] with [his] [kin]
    while [he] [is|was] [verb ing] the [of verb] somebody [calls|called] [him]
    there [is|was] a [thing s] with a [of thing]
    one [thing s] and its [of thing] [come|came] from the [place]
    two [thing p] and a [of thing] [are|were] in the [place]
    there [are|were] many [thing p] and their [of thing]
    three [thing p] [have|had] no [of thing] and they [disappear|disappeared]
    a [more base] [of more] [appears|appeared] in the [place]
    it [is|was] such a [more base] [of more]
    the [of more] [looks|looked] too [more base] for [him]
    this [of more] [looks|looked] [more er] than the other one
    the [of more] [is|was] [more er] than [he] [thinks|thought]
    it [shows|showed] the [more est] [of more] of all
    [he] [knows|knew] the [more est] [of more] in the world
    """
FRAME = """
    i saw this [genre] [film] last [time] with my [kin]
    this [genre] [film] from the last [time] [takes|took] us to the [place]
    my [kin] and i [watch|watched] it at home
    it [is|was] a [genre] [film] about a [place]
    """
OPINION = """
    the [aspect] [is|was] [good]
    the [aspect] [is|was] [very] [good]
    the [aspect] [is|was] [good] and [good]
    the [aspect] and the [aspect] [are|were] [good]
    what a [good] [aspect]
    it [has|had] a [good] [aspect] and a [good] [aspect]
    i [love] the [aspect]
    i [love] the [very] [good] [aspect]
    i [am|was] [pleased] by the [aspect]
    i [find|found] the [aspect] [good]
    my [kin] [is|was] [pleased] by the [aspect]
    [name] [gives|gave] a [good] performance as the [person s]
    as the [person s] [name] [is|was] [very] [good] and [he] [looks|looked] [good]
    the [aspect] [is|was] a [joy]
    the [aspect] [is|was] [better] than i [expect|expected]
    the [aspect] [is|was] the [best] part of the [film]
    the [aspect] [seems|seemed] [better] than in the first [film]
    [viewer] [love] the [good] [aspect]
    """
DENIAL = """
    the [aspect] [is|was] not [bad]
    the [aspect] [is|was] never [bad]
    nobody can say that the [aspect] [is|was] [bad]
    i [do|did] not think that the [aspect] [is|was] [bad]
    [viewer] say the [aspect] [is|was] [bad] but they [are|were] wrong
    """
VERDICT = """
    it [is|was] a [good] [film]
    the [film] [is|was] [very] [good]
    i [love] this [film]
    the [film] [is|was] a [joy]
    i [am|was] [pleased]
    it [is|was] the [best] [film] of the [time]
    this [film] [is|was] [good] and [good]
    """
TURN = ["but overall", "but in the end", "in the end", "but all in all"]
CALM = ["overall", "all in all", "in the end", "to sum up"]
BETTER = {"better": ("better", "worse"), "best": ("best", "worst")}


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


PLOTS, FRAMES, OPINIONS, DENIALS, VERDICTS = map(
    lines, (PLOT, FRAME, OPINION, DENIAL, VERDICT)
)


def weights(count: int) -> list[float]:
    """Returns cumulative weights: the earlier in a list, the more frequent."""
    return list(accumulate(1 / (place + 4) for place in range(count)))


@cache
def read_forms(name: str) -> tuple[list[list[str]], list[list[str]], list[float]]:
    """Returns the forms and the world of each word of a list, and its weight."""
    rows = [line.split("|") for line in lines(FORMS[name])]
    forms, worlds = ([row[i].split() for row in rows] for i in (0, 1))
    return forms, worlds, weights(len(rows))


@cache
def read_list(name: str) -> tuple[list[str], list[float]]:
    words = LISTS[name].split()
    return words, weights(len(words))


PLACES = {
    "person": {"s": 0, "p": 2},
    "verb": {"base": 0, "s": 1, "past": 2, "ing": 3},
    "thing": {"s": 0, "p": 1},
    "more": {"base": 0, "er": 1, "est": 2},
}


class Writer:
    """Writes film reviews.

    Args:
        seed: The same seed gives the same reviews.
    """

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        self.past = False
        self.hero = (0, 0)

    def pick(self, name: str) -> str:
        words, cumulative = read_list(name)
        return self.rng.choices(words, cum_weights=cumulative)[0]

    def row(self, name: str) -> int:
        cumulative = read_forms(name)[2]
        return self.rng.choices(range(len(cumulative)), cum_weights=cumulative)[0]

    def fill(self, sentence: str, good: bool = True) -> list[str]:
        """Returns the words of a sentence.

        Args:
            sentence: It may have slots.
            good: Whether the opinion in it is good.
        """
        if self.rng.random() < 0.3:
            person = self.row("person"), self.rng.randrange(2)
        else:
            person = self.hero
        rows = {"person": person[0]}
        words = []
        for token in re.findall(r"\[[^]]*\]|[^ []+", sentence):
            word = token
            if token[0] == "[":
                word = self.slot(token[1:-1], rows, person[1], good)
                if word in words:  # "good and good" becomes rarer
                    word = self.slot(token[1:-1], rows, person[1], good)
            if words and words[-1] == "a" and word[0] in "aeiou":
                words[-1] = "an"
            words.append(word)
        return words

    def slot(self, slot: str, rows: dict[str, int], gender: int, good: bool) -> str:
        if "|" in slot:
            return slot.split("|")[self.past]
        if slot in PRONOUNS[gender]:
            return PRONOUNS[gender][slot]
        if slot in BETTER:
            return BETTER[slot][not good]
        if slot == "name":
            return self.pick(("man", "woman")[gender])
        if slot == "kin":
            return self.rng.choice(KIN)
        if slot in SIDES:
            word = self.pick(SIDES[slot][not good])
            return word.split("/")[self.past] if "/" in word else word
        name, _, form = slot.partition(" ")
        if name in LISTS:
            return self.pick(name)
        if name == "of":
            forms, worlds, _ = read_forms(form)
            if form not in rows:
                rows[form] = self.row(form)
            return self.rng.choice(worlds[rows[form]])
        if name not in rows:
            rows[name] = self.row(name)
        place = PLACES[name][form] + (gender if name == "person" else 0)
        return read_forms(name)[0][rows[name]][place]

    def opinion(self, good: bool) -> list[str]:
        denied = self.rng.random() < 0.15
        return self.fill(self.rng.choice(DENIALS if denied else OPINIONS), good)

    def plot(self) -> list[str]:
        return self.fill(self.rng.choice(PLOTS))

    def review(self, good: bool) -> list[str]:
        """Returns the words of a review whose verdict is good or bad."""
        rng = self.rng
        self.past = rng.random() < 0.5
        self.hero = self.row("person"), rng.randrange(2)
        (kind,) = rng.choices(list(KINDS), KINDS.values())
        parts = [self.plot() for _ in range(rng.randint(1, 4))]
        if kind == "plain":
            sides = [
                good != (rng.random() < EXCEPTIONS) for _ in range(rng.randint(3, 6))
            ]
            closing = rng.choice(CALM) if rng.random() < 0.5 else ""
        elif kind == "mixed":
            sides = [True, False] * rng.randint(1, 3)
            closing = rng.choice(TURN)
        else:
            sides = []
            parts += [self.plot() for _ in range(rng.randint(2, 5))]
            closing = rng.choice(CALM + TURN)
        opinions = [self.opinion(side) for side in rng.sample(sides, len(sides))]
        parts = opinions + parts if rng.random() < 0.3 else parts + opinions
        if rng.random() < 0.5:
            parts.insert(0, self.fill(rng.choice(FRAMES)))
        if closing:
            parts.append([closing, *self.fill(rng.choice(VERDICTS), good)])
        words = " ".join(word for part in parts for word in part).split()
        return words if len(words) in LENGTHS else self.review(good)


# --- The reviews and their words ------------------------------------------------


@cache
def write_films() -> dict[str, tuple[list[list[str]], list[int]]]:
    """Returns the reviews and labels of both parts, the positive ones first."""
    writer = Writer(seed=12)
    parts = {}
    for part, size in SIZES.items():
        rows = []
        for number in range(size):
            label = int(number < size // 2)
            wrong = writer.rng.random() < NOISE
            rows.append((writer.review(label != wrong), label))
        reviews, labels = zip(*rows, strict=True)
        parts[part] = list(reviews), list(labels)
    return parts


@cache
def rank_words() -> dict[str, int]:
    """Returns the rank of each word of the reviews; 1 is the most frequent."""
    reviews = [review for part, _ in write_films().values() for review in part]
    counts = Counter(word for review in reviews for word in review)
    words = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: rank for rank, word in enumerate(words, start=1)}


def make_reviews() -> bytes:
    """Returns the stand-in for imdb.npz."""
    ranks = rank_words()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for part, (reviews, labels) in write_films().items():
            x = np.empty(len(reviews), dtype=object)
            x[:] = [[ranks[word] for word in review] for review in reviews]
            for key, array in (("x", x), ("y", np.array(labels, dtype=np.int64))):
                member = io.BytesIO()
                np.lib.format.write_array(member, array, allow_pickle=True)
                # Without a date the same content makes the same bytes.
                info = zipfile.ZipInfo(f"{key}_{part}.npy")
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, member.getvalue(), compresslevel=9)
    return file.getvalue()


def make_word_index() -> str:
    """Returns the stand-in for imdb_word_index.json."""
    return json.dumps(rank_words(), separators=(",", ":"))


# --- The vectors ----------------------------------------------------------------


def count_neighbours(reviews: Sequence[Sequence[int]], size: int) -> np.ndarray:
    """Returns how often two words stand near each other, the nearer the more.

    Args:
        reviews: Lists of word numbers.
        size: How many words there are.
    """
    gap = [size] * WINDOW  # no words: a window does not reach the next review
    ids = np.array([i for review in reviews for i in (*review, *gap)])
    counts = np.zeros((size + 1) ** 2)
    for distance in range(1, WINDOW + 1):
        pairs = ids[:-distance] * (size + 1) + ids[distance:]
        counts += np.bincount(pairs, minlength=len(counts)) / distance
    counts = counts.reshape(size + 1, size + 1)[:size, :size]
    return counts + counts.T


def factor(counts: np.ndarray) -> np.ndarray:
    """Returns a vector for each word: PPMI, then the largest singular values."""
    contexts = counts.sum(0) ** 0.75  # makes rare contexts count less
    expected = np.outer(counts.sum(1), contexts / contexts.sum())
    ppmi = np.log(np.maximum(counts / expected, 1))
    left, values, _ = np.linalg.svd(ppmi)
    vectors = left[:, :WIDTH] * np.sqrt(values[:WIDTH])
    largest = np.abs(vectors).argmax(0)
    return vectors * np.sign(vectors[largest, np.arange(WIDTH)])


def words_with_vector() -> list[str]:
    words = list(rank_words())
    return words[: round(len(words) * (1 - WITHOUT_VECTOR))]


def make_vectors() -> str:
    """Returns the stand-in for the GloVe vectors."""
    writer = Writer(seed=13)
    words = words_with_vector()
    places = {word: place for place, word in enumerate(words)}
    rare = len(words)
    reviews = [
        [places.get(word, rare) for word in writer.review(number % 2 == 0)]
        for number in range(TEXT_REVIEWS)
    ]
    vectors = factor(count_neighbours(reviews, rare + 1)[:rare, :rare])
    rows = zip(words, vectors, strict=True)
    return "".join(
        f"{word} {' '.join(f'{x:.3f}' for x in row)}\n" for word, row in rows
    )


# --- The questions --------------------------------------------------------------


def question_pairs() -> dict[str, list[tuple[str, str]]]:
    """Returns pairs of words for each section."""
    people, verbs, things, more = (
        read_forms(name)[0] for name in ("person", "verb", "thing", "more")
    )
    pairs = {
        "family": [(man, woman) for man, woman, *_ in people],
        "plural": [(row[0], row[len(row) // 2]) for row in people + things],
        "past-tense": [(base, past) for base, _, past, _ in verbs],
        "third-person": [(base, third) for base, third, *_ in verbs],
        "comparative": [(base, er) for base, er, _ in more],
    }
    for section, pair in OUTSIDE.items():
        pairs[section].append(pair)
    return pairs


def make_questions() -> str:
    """Returns the stand-in for questions-words.txt."""
    rng = random.Random(14)
    text = ""
    for section, pairs in question_pairs().items():
        chosen = rng.sample(list(permutations(pairs, 2)), QUESTIONS)
        text += f": {section}\n"
        text += "".join(f"{a} {b} {c} {d}\n" for (a, b), (c, d) in chosen)
    return text


STANDINS = {
    "standin_imdb.npz": make_reviews,
    "standin_imdb_word_index.json": make_word_index,
    "standin_vectors.txt": make_vectors,
    "standin_questions.txt": make_questions,
}
