"""Makes the stand-in for the tagged sentences, ner_dataset.zip.

standin_ner.csv has the columns of the real file (Sentence #, Word, POS, Tag) and
short sentences that read like news. Towns, people and companies are invented. The
entities are per (people), geo (towns and countries), org (companies, schools), gpe
(words like "Stelurian") and tim (dates). B- begins an entity, I- goes on with it. A
title such as "president" is not a part of the name.

The lesson is that a name alone does not tell what it names. "Marlow" may be a person,
a town or a part of a company's name. There are three kinds of entities, each about
one third of all:

left    the words before the name decide: "president Marlow", "the road to Marlow",
        "shares in Marlow", "the singer who won the prize is Marlow".
right   the words after it decide: "Marlow smiled", "Marlow airport", "Marlow Steel
        Company", "Marlow and Sons". What stands before is the same for all types,
        so a tagger that reads only from left to right must guess.
plain   the word decides: dates, countries, and names whose ending tells the type,
        such as the town Brenhaven, the person Tolvova and the company Grandtex.

Each ambiguous name has one type that is more frequent than the others. About one
entity in five has a name that no other sentence has: there only the capital, the
ending and the words around it help. One clause in twelve has no entity.

The parts of speech are those of the Penn Treebank; every word in lower case has one.
`make_tagged` uses the standard library only and a fixed seed. data/make_standins.py
writes the file.

How to read the templates. <org Bank of {name}> is an entity. In braces stands a
symbol: a list below, or something that `Reporter.word` makes.
"""

import csv
import io
import random
import re
from collections import Counter

SENTENCES = 1_500
SECOND_CLAUSE = 0.25  # share of the sentences with two clauses
SOURCE = 0.4  # share of the sentences that begin or end with their source
FRESH = 0.2  # so many names of people, towns and companies occur only once
FAVOURITE = 0.7  # so often an ambiguous name must be one that fits the type best

# The earlier in its list, the more frequent.
NAMES = """
    Marlow Hollin Tarrow Wexby Cardle Brannick Selwin Orlen Kessing Pemble Haldon
    Varrick Dorrin Stavel Mellick Luthen Galler Ostrel Wendle Fennow Nellick
    Trennor Baskin Correl Ingol Yarrick""".split()
FIRST_NAMES = """
    Anna Peter Maria Omar Lena Victor Nora Samir Clara Hugo Irene Daniel Mira Felix
    Rosa Ivan""".split()

# Sounds of new names, chosen so that no known word comes out. The first endings fit
# every type of entity, the others tell the type.
ONSETS = "b br c d dr f g gr h j k l m n p r s st t tr v w z".split()
VOWELS = "a e i o u".split()
CODAS = "l n r rk nd st lm lt".split()
ENDINGS = {
    "name": "oth eld arn ett und orr".split(),
    "surname": "ova escu idis owicz eyev".split(),
    "town": "haven mouth stead bridge minster".split(),
    "firm": "tex corp soft tron".split(),
    "country": ["uria"],
}
KNOWN = {"surname": 16, "town": 16, "firm": 10, "country": 12}  # names that return

# Symbols that stand for one word.
WORDS = {
    "role": "singer teacher painter farmer doctor lawyer writer judge sailor baker",
    "roles": "singers teachers painters farmers doctors lawyers writers sailors",
    "site": "town village city port valley suburb district province resort",
    "sites": "towns villages cities ports suburbs districts provinces resorts",
    "business": "company bank hotel publisher bakery carmaker brewery shipyard",
    "businesses": "companies banks hotels publishers bakeries carmakers breweries",
    "goods": "bread paper steel wool glass soap furniture milk coal flour",
    "title": "president minister captain professor mayor senator",
    "kin": "brother sister daughter son cousin",
    "trade": "Shipping Steel Paper Trading Textile Railway",
    "people": "officials witnesses reporters experts observers",
    "weekday": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "month": """
        January February March April May June July August September October November
        December""",
}

# Symbols that stand for some words. A hyphen is no word at all.
PHRASES = {
    "date": """
        on <tim {weekday}>
        on <tim {weekday}>
        on <tim {day} {month}>
        in <tim {month}>
        in <tim {month} {year}>
        in <tim {year}>""",
    "when": """
        -
        -
        {date}
        before the storm
        after the vote
        for the second time
        at noon
        during the strike""",
    "intro": """
        meanwhile ,
        in other news ,
        {people} say that
        the radio reports that
        the newspapers write that
        {gpe} {people} say that""",
    "outro": """
        , {people} say
        , the radio reports
        , according to {people}
        , according to {gpe} newspapers""",
    "link": """
        , while
        , but
        , and""",
    "gpe": "<gpe {nation}>",
    "plain": """
        <per {surname}>
        <per {first} {surname}>
        <geo {town}>
        <geo {country}>
        <org {firm}>
        <org {letters}>""",
}

LEFT = {
    "per": """
        the crowd greeted {title} <per {name}> {when}
        the students listened to {title} <per {name}> {when}
        {people} criticized {title} <per {name}> {when}
        the prize went to a {role} called <per {name}> {when}
        {people} met <per {first} {name}> {when}
        the minister thanked <per {first} {name}> {when}
        the {role} who won the prize is <per {name}>
        the {role} who lost everything is called <per {name}>""",
    "geo": """
        a storm moved toward <geo {name}> {when}
        the police blocked the road to <geo {name}> {when}
        {number} people live in <geo {name}>
        farmers bought land in <geo {name}> {when}
        a train left the station at <geo {name}> {when}
        the prize went to a {site} called <geo {name}> {when}
        {people} visited <geo Port {name}> {when}
        {number} ships left <geo New {name}> {when}
        the {site} which won the prize is <geo {name}>
        the {site} which lost everything is called <geo {name}>""",
    "org": """
        investors bought shares in <org {name}> {when}
        customers sued the owners of <org {name}> {when}
        the prize went to a {business} called <org {name}> {when}
        the minister criticized the <org Bank of {name}> {when}
        {number} students joined the <org University of {name}> {when}
        {number} customers sued the <org {trade} Bank of {name}> {when}
        the {business} which won the prize is <org {name}>
        the {business} which lost everything is called <org {name}>""",
}

RIGHT = {
    "per": """
        <per {name}> smiled and left the room {when}
        <per {name}> , who is {number} , won a race {when}
        <per {name}> 's {kin} opened a shop {when}
        <per {name}> {date} married a {role}
        <per {name}> {date} told reporters a story
        <per {name}> is a {role}
        <per {name}> is the oldest {role} in the country
        <per {name}> and <per {name}> are {roles}
        <per {name} {surname}> won a race {when}""",
    "geo": """
        <geo {name}> airport is closed
        <geo {name}> , where {number} people live , won a prize {when}
        <geo {name}> 's harbour froze {when}
        <geo {name}> {date} lost its bridge
        <geo {name}> {date} elected a mayor
        <geo {name}> is a {site}
        <geo {name}> is the oldest {site} in the country
        <geo {name}> and <geo {name}> are {sites}
        <geo {name} Bay> froze {when}""",
    "org": """
        <org {name} {trade} Company> won a prize {when}
        <org {name} and Sons> opened a shop {when}
        <org {name}> , which makes {goods} , opened a shop {when}
        <org {name}> 's shareholders met {when}
        <org {name}> {date} hired {number} workers
        <org {name}> {date} cut the price of {goods}
        <org {name}> is a {business}
        <org {name}> is the oldest {business} in the country
        <org {name}> and <org {name}> are {businesses}""",
}

PLAIN = """
    the newspapers mention {plain}
    a letter about {plain} disappeared {when}
    {people} talk about {plain}
    a film about {plain} and {plain} won a prize
    {plain} is in the news
    the {gpe} team played against the {gpe} team {when}
    {gpe} farmers sell {goods} in <geo {country}>
    <per {first} {surname}> flew to <geo {town}> , <geo {country}> {when}
    <org {firm}> opened a {gpe} shop {when}"""
NO_ENTITY = """
    the price of {goods} fell to {number} dollars
    a {role} found {number} coins
    the schools are closed
    the {business} cut {number} jobs
    no {site} lost its bridge"""

WEIGHTS = {"left": 42, "right": 38, "plain": 12, "none": 8}  # of the clauses

# Parts of speech. Names and what else has a capital inside a sentence are NNP, but
# NNPS for the word Sons, and JJ for gpe.
POS = {
    "DT": "the a no",
    "IN": "of in at on about after before during while that for against toward",
    "TO": "to",
    "CC": "and but",
    "JJ": "second closed oldest other",
    "RB": "meanwhile",
    "WP": "who",
    "WDT": "which",
    "WRB": "where",
    "PRP$": "its",
    "POS": "'s",
    "VBG": "according",
    "VBN": "called",
    "VBZ": "is reports makes",
    "VBP": "are say write live mention talk sell",
    "VBD": """
        greeted listened criticized went met thanked won lost moved blocked bought
        left visited sued joined cut smiled opened married told froze elected hired
        fell found disappeared played flew""",
    "NNS": """
        officials witnesses reporters experts observers newspapers people students
        farmers ships investors customers shares owners jobs workers shareholders
        dollars coins schools""",
    "NNPS": "Sons",
    "NN": """
        crowd radio vote strike storm time noon prize police road land train station
        minister room race shop story country airport harbour bridge mayor letter
        film news team price everything""",
}
for tag, symbols in {
    "NN": "role site business goods title kin",
    "NNS": "roles sites businesses",
}.items():
    for symbol in symbols.split():
        POS[tag] += " " + WORDS[symbol]
PART_OF_SPEECH = {word: tag for tag, words in POS.items() for word in words.split()}
PART_OF_SPEECH |= {mark: mark for mark in ",."}

Token = tuple[str, str, str]  # word, part of speech, tag


def lines(text: str) -> list[str]:
    """Returns the templates of a list, without the spaces around them."""
    return [line.strip() for line in text.strip().split("\n")]


def tokens(text: str) -> list[Token]:
    """Returns the words of a finished sentence with parts of speech and tags."""
    found: list[Token] = []
    for type_, inside, outside in re.findall(r"<(\w+) ([^>]+)>|(\S+)", text):
        for place, word in enumerate((inside or outside).split()):
            tag = f"{'I' if place else 'B'}-{type_}" if type_ else "O"
            found.append((word, part_of_speech(word, type_), tag))
    word, *rest = found[0]
    return [(word[0].upper() + word[1:], *rest), *found[1:]]


def part_of_speech(word: str, type_: str) -> str:
    if type_ == "gpe":
        return "JJ"
    if word.isdigit():
        return "CD"
    if word[0].isupper():
        return PART_OF_SPEECH.get(word, "NNP")
    return PART_OF_SPEECH[word]


class Reporter:
    """Writes the sentences; `kinds` counts the names that "left" or "right" decides.

    Args:
        seed: Start of the random numbers.
    """

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        self.kinds: Counter[str] = Counter()
        self.used = {*NAMES, *FIRST_NAMES}
        self.known = {
            kind: [self.invent(kind) for _ in range(count)]
            for kind, count in KNOWN.items()
        }

    def invent(self, kind: str) -> str:
        """Makes a name that did not occur before."""
        parts = ONSETS, VOWELS, CODAS, ENDINGS[kind]
        while True:
            name = "".join(map(self.rng.choice, parts)).capitalize()
            if name not in self.used:
                self.used.add(name)
                return name

    def early(self, words: list[str]) -> str:
        """Draws from a list, the earlier the more often."""
        weights = [1 / (place + 4) for place in range(len(words))]
        return self.rng.choices(words, weights)[0]

    def name(self, kind: str, type_: str) -> str:
        """Returns a name, which fits the type of the entity if it can tell one."""
        if self.rng.random() < FRESH:
            return self.invent(kind)
        if kind != "name":
            return self.early(self.known[kind])
        if self.rng.random() < FAVOURITE:
            return self.early(NAMES[list(LEFT).index(type_) :: len(LEFT)])
        return self.early(NAMES)

    def word(self, symbol: str, type_: str) -> str:
        """Returns what a symbol stands for; it may hold symbols again."""
        rng = self.rng
        if symbol in ENDINGS:
            return self.name(symbol, type_)
        if symbol in WORDS:
            return rng.choice(WORDS[symbol].split())
        if symbol in PHRASES:
            return rng.choice(lines(PHRASES[symbol])).replace("-", "")
        return {
            "first": lambda: self.early(FIRST_NAMES),
            "nation": lambda: self.name("country", "gpe") + "n",
            "letters": lambda: "".join(rng.sample("BCDFGKLMNPRSTVZ", 4)),
            "day": lambda: str(rng.randrange(2, 30)),
            "year": lambda: str(rng.randrange(1980, 2021)),
            "number": lambda: str(rng.randrange(2, 60)),
        }[symbol]()

    def fill(self, template: str, type_: str = "") -> str:
        """Replaces every symbol of a template."""
        return re.sub(
            r"{(\w+)}",
            lambda match: self.fill(self.word(match[1], type_), type_),
            template,
        )

    def clause(self) -> str:
        """Returns a clause with its entities in <>."""
        (kind,) = self.rng.choices(list(WEIGHTS), WEIGHTS.values())
        type_, templates = {
            "left": lambda: self.rng.choice(list(LEFT.items())),
            "right": lambda: self.rng.choice(list(RIGHT.items())),
            "plain": lambda: ("", PLAIN),
            "none": lambda: ("", NO_ENTITY),
        }[kind]()
        template = self.rng.choice(lines(templates))
        self.kinds[kind] += template.count("{name}")
        return self.fill(template, type_)

    def sentence(self) -> str:
        """Returns a sentence: one clause or two, perhaps with words around it."""
        parts = [self.clause()]
        if self.rng.random() < SECOND_CLAUSE:
            parts += [self.fill("{link}"), self.clause()]
        if self.rng.random() < SOURCE:
            if self.rng.random() < 0.6:
                parts.insert(0, self.fill("{intro}"))
            else:
                parts.append(self.fill("{outro}"))
        return " ".join([*parts, "."])


def make_tagged() -> str:
    """Returns the stand-in for the tagged sentences, as CSV, no sentence twice."""
    reporter = Reporter(seed=12)
    sentences: dict[str, None] = {}
    while len(sentences) < SENTENCES:
        sentences[reporter.sentence()] = None
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("Sentence #", "Word", "POS", "Tag"))
    for number, sentence in enumerate(sentences, start=1):
        for place, token in enumerate(tokens(sentence)):
            writer.writerow(("" if place else f"Sentence: {number}", *token))
    return file.getvalue()
