"""Makes the stand-in for the English-Spanish sentence pairs, spa-eng.zip.

standin_pairs.txt has the form of the real spa.txt: an English sentence, a tab and its
translation on each line, the short ones first. The sentences come from a grammar that
builds both languages at once. They have 3 to 12 English words.

What a translator must learn here:

agreement    of articles, adjectives and verbs: "las llaves están en una mesa roja".
             Sometimes the noun is far away: "Ana can't come because she is ill" has
             "enferma", because of Ana.
order        the adjective after the noun, pronouns before the verb ("la veo"), "the
             house of Ana" for "Ana's house", questions, what pleases whom ("me gustan
             los gatos" for "I like cats").
what has no  no subject in "tengo sed", no article in "es médica", no "do" in
counterpart  questions, but a second "no", an "a" before a person, and "¿" and "¡".
verbs        six tenses and the subjunctive, with a different form for each person,
             many of them irregular; to be is "ser", "estar", "tener" or "hay".
choice       some sources have two right translations: the gender of "I" or of "my
             friend" is open, a pronoun may stand before or after the verb, a time may
             stand first or last. For one source in twelve both are in the file.

The Spanish is that of Spain. "You" is "tú". He, she and they are written, the other
pronouns are left out, as it is usual where the verb tells the person.

`make_pairs` uses the standard library only and a fixed seed. data/make_standins.py
writes the file.

How to read the Spanish while it is built. {a|b} has two right forms, such as
{cansado|cansada}; a sentence takes all first ones or all second ones. A person is 1s,
2s, 3s, 1p or 3p; a gender is m, f or x (open).
"""

import random
import re
from dataclasses import dataclass, replace
from functools import cache

SHORT, LONG = 12_500, 8_500  # pairs of 3 to 6 and of 7 to 12 English words
BOTH = 0.35  # share of the sources with two translations that give both
FIRST_ONLY = 0.8  # of the others, so many give the first one

# --- Words ----------------------------------------------------------------------

# English singular (/plural), Spanish singular (/feminine or =plural), gender.
NOUNS = {
    "person": """
        man/men hombre m, woman/women mujer f, boy niño m, girl niña f,
        brother hermano m, sister hermana f, uncle tío m, aunt tía f,
        grandfather abuelo m, grandmother abuela f, son hijo m, daughter hija f,
        waiter camarero m, waitress camarera f""",
    "someone": """
        friend amigo/amiga x, teacher profesor/profesora x, cousin primo/prima x,
        student estudiante x, doctor médico/médica x""",
    "animal": """
        dog perro m, cat gato m, horse caballo m, cow vaca f, bird pájaro m,
        rabbit conejo m, hen gallina f, duck pato m""",
    "item": """
        book libro m, letter carta f, key llave f, bag bolsa f, phone teléfono m,
        photo foto f, map mapa m, pencil lápiz m, pen bolígrafo m, ticket billete m,
        ball pelota f, clock reloj m, bottle botella f, knife/knives cuchillo m,
        box caja f, cup taza f, plate plato m, glass vaso m, flower flor f,
        umbrella paraguas=paraguas m, newspaper periódico m""",
    "big": """
        car coche m, house casa f, boat barco m, bicycle bicicleta f, table mesa f,
        chair silla f, lamp lámpara f, bed cama f, mirror espejo m""",
    "clothes": """
        shirt camisa f, hat sombrero m, shoe zapato m, coat abrigo m,
        dress vestido m, skirt falda f, jacket chaqueta f, sock calcetín m,
        glove guante m""",
    "fruit": """
        apple manzana f, orange naranja f, egg huevo m, cake pastel m,
        tomato tomate m, potato patata f, lemon limón m, sandwich bocadillo m""",
    "food": """
        bread/- pan m, cheese/- queso m, rice/- arroz m, soup/- sopa f,
        fish/- pescado m, meat/- carne f""",
    "drink": """
        water/- agua f, milk/- leche f, coffee/- café m, tea/- té m,
        juice/- zumo m""",
    "part": "door puerta f, window ventana f, wall pared f, kitchen cocina f",
    "place": """
        kitchen cocina f, garden jardín m, park parque m, library biblioteca f,
        hospital hospital m, restaurant restaurante m, village pueblo m,
        city ciudad f, forest bosque m, office oficina f, museum museo m,
        hotel hotel m, church iglesia f, school escuela f, shop tienda f,
        market mercado m, street calle f""",
    "sound": "song canción f",
}
VERY_PLURAL = ("two dos", "three tres", "four cuatro", "five cinco", "ten diez")
# English singular and plural; Spanish el, la, los, las.
DETERMINERS = {
    "the": "the the el la los las",
    "a": "a some un una unos unas",
    "my": "my my mi mi mis mis",
    "your": "your your tu tu tus tus",
    "his": "his his su su sus sus",
    "her": "her her su su sus sus",
    "our": "our our nuestro nuestra nuestros nuestras",
    "their": "their their su su sus sus",
    "this": "this these este esta estos estas",
    "that": "that those ese esa esos esas",
    "another": "another - otro otra - -",
    "many": "- many - - muchos muchas",
    "all": "- all_the - - todos_los todas_las",
    **{
        word.split()[0]: "- {0} - - {1} {1}".format(*word.split())
        for word in VERY_PLURAL
    },
}
OWN = ("my", "your", "his", "her", "our", "their")

COLOURS = "red blue white black green yellow"
ADJECTIVES = dict(
    pair.split()
    for pair in """
    red rojo, blue azul, white blanco, black negro, green verde, yellow amarillo,
    big grande, small pequeño, new nuevo, old viejo, expensive caro, cheap barato,
    beautiful bonito, heavy pesado, elegant elegante, modern moderno, fast rápido,
    tall alto, young joven, strong fuerte, nice simpático, clever inteligente,
    shy tímido, famous famoso, serious serio, hot caliente, cold frío,
    tired cansado, ill enfermo, sad triste, happy contento, angry enfadado,
    busy ocupado, nervous nervioso, alone solo, ready listo, open abierto,
    closed cerrado, broken roto, clean limpio, dirty sucio, empty vacío, full lleno,
    wet mojado""".split(",")
)
ATTRIBUTES = {  # what a noun of a class may be, always (ser)
    "person": "tall young strong nice clever shy famous serious elegant",
    "someone": "tall young nice clever shy serious",
    "animal": "big small black white old fast",
    "item": "new old beautiful expensive cheap " + COLOURS + " big small",
    "big": "new old beautiful expensive cheap heavy big small " + COLOURS,
    "clothes": "new old beautiful expensive cheap elegant " + COLOURS,
    "fruit": "big small",
    "food": "",
    "drink": "hot cold",
    "part": "big small new old " + COLOURS,
    "place": "big small new old modern beautiful",
    "sound": "new old beautiful",
}
STATES = {  # what a noun may be for some time (estar)
    "tired ill sad happy angry busy nervous alone ready": "person someone",
    "hot cold": "soup rice fish meat water milk coffee tea",
    "open closed": "door window box bottle shop museum restaurant library",
    "broken": "cup plate lamp clock phone bicycle window chair mirror umbrella car",
    "clean dirty": "clothes plate glass kitchen window car cup knife wall",
    "empty full": "bottle glass box bag cup",
    "wet": "clothes map newspaper wall",
}
COMPARED = {
    "tall": "taller", "young": "younger", "strong": "stronger", "big": "bigger",
    "small": "smaller", "new": "newer", "old": "older", "fast": "faster",
    "cheap": "cheaper", "heavy": "heavier", "nice": "nicer", "shy": "shyer",
}  # the others have "more"  # fmt: skip

WOMEN = "Ana Clara Elena Lucía Inés".split()
MEN = "Diego Marcos Pablo Tomás Hugo".split()
CITIES = dict(
    pair.split()
    for pair in """
    Madrid Madrid, Seville Sevilla, London Londres, Lisbon Lisboa, Paris París,
    Lima Lima, Rome Roma""".split(",")
)
LANGUAGES = dict(
    pair.split()
    for pair in """
    English inglés, French francés, Spanish español, German alemán,
    Italian italiano""".split(",")
)
JOBS = """
    teacher profesor/profesora, doctor médico/médica, cook cocinero/cocinera,
    lawyer abogado/abogada, writer escritor/escritora, student estudiante/estudiante,
    painter pintor/pintora, singer cantante/cantante, baker panadero/panadera,
    waiter camarero/-, waitress -/camarera, nurse enfermero/enfermera"""
FEELINGS = """
    hungry mucha_hambre, thirsty mucha_sed, cold mucho_frío, hot mucho_calor,
    sleepy mucho_sueño, afraid mucho_miedo, in_a_hurry -_prisa, right -_razón"""
NUMBERS = """
    two dos, three tres, four cuatro, five cinco, six seis, seven siete, eight ocho,
    nine nueve, ten diez, eleven once, twelve doce, thirteen trece, fourteen catorce,
    fifteen quince, sixteen dieciséis, seventeen diecisiete, eighteen dieciocho,
    nineteen diecinueve, twenty veinte, thirty treinta, forty cuarenta, fifty cincuenta,
    sixty sesenta"""

# Where: English | Spanish. With things, and with what people do.
SPOTS = """
    on the table | en la mesa
    on the chair | en la silla
    on the bed | en la cama
    under the bed | debajo de la cama
    under the table | debajo de la mesa
    behind the door | detrás de la puerta
    next to the window | al lado de la ventana
    next to the clock | al lado del reloj
    in the kitchen | en la cocina
    in the car | en el coche
    in the garden | en el jardín
    in my room | en mi habitación
    here | aquí"""
PLACES = """
    at home | en casa
    in the kitchen | en la cocina
    in the garden | en el jardín
    in the park | en el parque
    in the library | en la biblioteca
    at the beach | en la playa
    at the station | en la estación
    at the market | en el mercado
    in the street | en la calle
    in the hospital | en el hospital
    in a small village | en un pueblo pequeño
    near the river | cerca del río
    near the station | cerca de la estación
    behind the house | detrás de la casa
    with my brother | con mi hermano
    with your friends | con tus amigos
    with Ana | con Ana"""
WAYS = """
    to the market | al mercado
    to the park | al parque
    to the beach | a la playa
    to the station | a la estación
    to the library | a la biblioteca
    to the hospital | al hospital
    to school | a la escuela
    to the city | a la ciudad
    home | a casa
    to {city} | a {city}"""
TIMES = {
    "present": """
        every day | todos los días
        every morning | todas las mañanas
        every week | todas las semanas
        on Mondays | los lunes
        on Sundays | los domingos
        at night | por la noche
        in the morning | por la mañana""",
    "past": """
        yesterday | ayer
        last night | anoche
        last week | la semana pasada
        last year | el año pasado
        two days ago | hace dos días
        this morning | esta mañana
        on Tuesday | el martes""",
    "future": """
        tomorrow | mañana
        next week | la semana que viene
        next year | el año que viene
        on Friday | el viernes
        tonight | esta noche
        soon | pronto""",
    "progressive": "now | ahora",
}
WHEN = {  # which of these times go with a tense
    "present": "present", "past": "past", "future": "future", "going": "future",
    "progressive": "progressive", "can": "future", "want": "future",
    "have to": "future", "need": "future", "had to": "past",
}  # fmt: skip

# English, Spanish, what may be its object. A state (=) has no progressive and is in the
# imperfect where English has the past. A moment (!) has no progressive. What is the
# same in the English present and past (~) has no present here.
ACTIONS = """
    buy/bought | comprar | item big clothes fruit food animal
    sell/sold | vender | item big clothes fruit animal
    see/saw/seen | ver | item big animal person someone | !
    look for | buscar | item clothes animal person someone
    find/found | encontrar | item clothes animal | !
    lose/lost | perder | key phone ticket umbrella bag pen map hat glove coat book | !
    wash | lavar | clothes plate cup glass car window dog
    open | abrir | door window box bottle letter bag
    close | cerrar | door window box bottle bag book
    read/read | leer | book letter newspaper | ~
    write/wrote/written | escribir | letter book song
    eat/ate/eaten | comer | fruit food
    drink/drank/drunk | beber | drink
    cook | cocinar | rice soup fish meat egg potato
    cut/cut | cortar | bread cheese meat apple cake tomato lemon orange | ~
    paint | pintar | door wall house table chair boat box kitchen flower horse bird
    clean | limpiar | kitchen table window lamp mirror car bicycle
    break/broke/broken | romper | cup plate glass lamp chair window mirror | !
    repair | reparar | car bicycle clock boat phone lamp chair door
    bring/brought | traer | item fruit food drink chair
    wear/wore/worn | llevar | clothes | !
    have/had | tener | item big clothes animal | =
    want | querer | item clothes fruit food drink animal | =
    need | necesitar | item clothes food drink big | =
    know/knew/known | conocer | person someone | =
    visit | visitar | person someone
    help | ayudar | person someone
    call | llamar | person someone
    wait for | esperar | person someone
    sing/sang/sung | cantar | song
    listen to | escuchar | song
    understand/understood | entender | letter book song teacher doctor | !
    send/sent | enviar | letter photo book
    remember | recordar | song photo book house | !"""
DOINGS = """
    sleep/slept | dormir | home hospital beach garden house
    work | trabajar | home kitchen garden library market hospital station Ana brother
    run/ran/run | correr | garden park beach street river brother friends
    swim/swam/swum | nadar | beach brother friends Ana
    walk | caminar | garden park beach street river brother friends Ana
    dance | bailar | home kitchen garden beach street brother friends Ana
    cry | llorar | home kitchen garden park street hospital house
    study | estudiar | home kitchen library garden brother friends Ana
    rest | descansar | home garden park beach river house
    sing/sang/sung | cantar | home kitchen garden park street brother friends Ana
    play | jugar | home garden park beach street river house brother friends
    wait | esperar | home library station market street hospital house brother
    eat/ate/eaten | comer | home kitchen garden park beach market brother friends Ana
    live | vivir | village river brother friends Ana | =
    read/read | leer | home kitchen garden park library beach station | ~"""
REFLEXIVE = """
    get up/got/got | levantar
    wake up/woke/woken | despertar
    go to bed/went/gone | acostar
    get dressed/got/got | vestir
    sit down/sat | sentar"""
MOTIONS = """
    go/went/gone | ir
    come/came/come | venir
    return | volver
    travel | viajar
    run/ran/run | correr"""
GIFTS = """
    give/gave/given | dar | item clothes fruit
    send/sent | enviar | letter photo book ticket map flower
    show/showed/shown | enseñar | photo letter map book house car dress
    sell/sold | vender | car bicycle boat house horse book
    bring/brought | traer | book bag flower fruit water coffee bread letter"""
ABOUT_PEOPLE = """
    see/saw/seen | ver | | !
    know/knew/known | conocer | | =
    call | llamar
    help | ayudar
    wait for | esperar
    visit | visitar
    look for | buscar
    understand/understood | entender | | !
    love | querer | | =
    need | necesitar | | =
    remember | recordar | | !
    listen to | escuchar"""

# --- Spanish forms ----------------------------------------------------------------

PERSONS = ("1s", "2s", "3s", "1p", "3p")
ENDINGS = {
    "present": {"a": "o as a amos an", "e": "o es e emos en", "i": "o es e imos en"},
    "past": {
        "a": "é aste ó amos aron",
        "e": "í iste ió imos ieron",
        "i": "í iste ió imos ieron",
    },
    "imperfect": {
        "a": "aba abas aba ábamos aban",
        "e": "ía ías ía íamos ían",
        "i": "ía ías ía íamos ían",
    },
    "future": dict.fromkeys("aei", "é ás á emos án"),
    "subjunctive": {
        "a": "e es e emos en",
        "e": "a as a amos an",
        "i": "a as a amos an",
    },
}
CHANGES = {  # of the last vowel of the stem, where the ending has no stress
    "ie": "cerrar despertar entender perder querer sentar",
    "ue": "acostar dormir encontrar jugar poder recordar volver",
    "i": "decir vestir",
    "í": "enviar",
}
CHANGED = {"ie": "e", "ue": "ou", "i": "e", "í": "i"}
IRREGULAR = """
    abrir participle abierto
    creer past creí creíste creyó creímos creyeron
    creer participle creído
    creer gerund creyendo
    dar present doy das da damos dan
    dar past di diste dio dimos dieron
    dar subjunctive dé des dé demos den
    decir first dig
    decir past dije dijiste dijo dijimos dijeron
    decir participle dicho
    decir stem dir
    decir imperative di
    escribir participle escrito
    estar present estoy estás está estamos están
    estar past estuve estuviste estuvo estuvimos estuvieron
    estar subjunctive esté estés esté estemos estén
    conocer first conozc
    haber present he has ha hemos han
    haber past hube hubiste hubo hubimos hubieron
    haber subjunctive haya hayas haya hayamos hayan
    haber stem habr
    hacer first hag
    hacer past hice hiciste hizo hicimos hicieron
    hacer participle hecho
    hacer stem har
    hacer imperative haz
    ir present voy vas va vamos van
    ir past fui fuiste fue fuimos fueron
    ir imperfect iba ibas iba íbamos iban
    ir subjunctive vaya vayas vaya vayamos vayan
    ir gerund yendo
    ir imperative ve
    leer past leí leíste leyó leímos leyeron
    leer participle leído
    leer gerund leyendo
    poder past pude pudiste pudo pudimos pudieron
    poder stem podr
    poder gerund pudiendo
    querer past quise quisiste quiso quisimos quisieron
    querer stem querr
    romper participle roto
    salir first salg
    salir stem saldr
    salir imperative sal
    ser present soy eres es somos son
    ser past fui fuiste fue fuimos fueron
    ser imperfect era eras era éramos eran
    ser subjunctive sea seas sea seamos sean
    ser imperative sé
    tener first teng
    tener present tengo tienes tiene tenemos tienen
    tener past tuve tuviste tuvo tuvimos tuvieron
    tener stem tendr
    tener imperative ten
    saber present sé sabes sabe sabemos saben
    saber subjunctive sepa sepas sepa sepamos sepan
    saber past supe supiste supo supimos supieron
    saber stem sabr
    traer first traig
    traer past traje trajiste trajo trajimos trajeron
    traer participle traído
    traer gerund trayendo
    venir first veng
    venir present vengo vienes viene venimos vienen
    venir past vine viniste vino vinimos vinieron
    venir stem vendr
    venir gerund viniendo
    venir imperative ven
    ver first ve
    ver past vi viste vio vimos vieron
    ver imperfect veía veías veía veíamos veían
    ver participle visto
    volver participle vuelto"""


@cache
def irregular(verb: str) -> dict[str, list[str]]:
    rows = [line.split() for line in IRREGULAR.strip().split("\n")]
    return {form: words for infinitive, form, *words in rows if infinitive == verb}


def changed(verb: str, weak: bool = False) -> str:
    """Returns the stem of a verb with its other vowel: dorm-, duerm-, weak durm-."""
    stem = verb[:-2]
    for vowels, verbs in CHANGES.items():
        if verb in verbs.split():
            old = max(stem.rfind(vowel) for vowel in CHANGED[vowels])
            vowels = {"ue": "u", "ie": "i"}.get(vowels, vowels) if weak else vowels
            return stem[:old] + vowels + stem[old + 1 :]
    return stem


def spelled(stem: str, ending: str, kind: str) -> str:
    """Joins stem and ending; the sound of the stem stays: buscar, busqué."""
    if kind == "a" and ending[0] in "eé":
        for old, new in (("c", "qu"), ("g", "gu"), ("z", "c")):
            if stem.endswith(old):
                stem = stem[: -len(old)] + new
    return stem + ending


@cache
def conjugate(verb: str, tense: str) -> dict[str, str]:
    """Returns the five forms of a Spanish verb.

    Args:
        verb: The infinitive.
        tense: present, past (the preterite), imperfect, future or subjunctive.

    Returns:
        From the person to the form.
    """
    special, kind = irregular(verb), verb[-2]
    if tense in special:
        return dict(zip(PERSONS, special[tense], strict=True))
    forms = {}
    endings = ENDINGS[tense][kind].split()
    for person, ending in zip(PERSONS, endings, strict=True):
        stem = verb[:-2]
        if tense == "future":
            stem = special.get("stem", [verb])[0]
        elif tense in ("present", "subjunctive"):
            if person != "1p":
                stem = changed(verb)
            elif tense == "subjunctive" and kind == "i":
                stem = changed(verb, weak=True)
            if "first" in special and (tense == "subjunctive" or person == "1s"):
                stem = special["first"][0]
        elif tense == "past" and kind == "i" and person[0] == "3":
            stem = changed(verb, weak=True)
        forms[person] = spelled(stem, ending, kind)
    return forms


def participle(verb: str) -> str:
    regular = verb[:-2] + ("ado" if verb[-2] == "a" else "ido")
    return irregular(verb).get("participle", [regular])[0]


def gerund(verb: str) -> str:
    stem = changed(verb, weak=True) if verb[-2] == "i" else verb[:-2]
    regular = stem + ("ando" if verb[-2] == "a" else "iendo")
    return irregular(verb).get("gerund", [regular])[0]


def imperative(verb: str) -> str:
    return irregular(verb).get("imperative", [conjugate(verb, "present")["3s"]])[0]


def plural(word: str) -> str:
    """Returns the plural of a Spanish noun or adjective: lápiz, lápices."""
    if word == "joven":
        return "jóvenes"
    if word[-1] in "aeioué":
        return word + "s"
    if word[-1] == "z":
        return word[:-1] + "ces"
    if word[-1] in "ns" and word[-2] in "áéíóú":
        word = word[:-2] + "aeiou"["áéíóú".index(word[-2])] + word[-1]
    return word + "es"


def either(masculine: str, feminine: str, gender: str) -> str:
    """Returns the form of a gender, or both forms when it is open."""
    if masculine == feminine or gender == "m":
        return masculine
    return feminine if gender == "f" else f"{{{masculine}|{feminine}}}"


def adjective(word: str, gender: str, number: str) -> str:
    """Returns a Spanish adjective that agrees with a noun."""
    other = word[:-1] + "a" if word[-1] == "o" else word
    if number == "p":
        word, other = plural(word), plural(other)
    return either(word, other, gender)


# --- English forms ------------------------------------------------------------------


def add_s(word: str) -> str:
    if word[-1] == "y" and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    if word in ("tomato", "potato", "go", "do"):
        return word + "es"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def add_ing(word: str) -> str:
    if word in ("run", "swim", "get", "sit", "cut"):
        return word + word[-1] + "ing"
    return (word[:-1] if word[-1] == "e" and word != "see" else word) + "ing"


def add_ed(word: str) -> str:
    if word[-1] == "y" and word[-2] not in "aeiou":
        return word[:-1] + "ied"
    return word + ("d" if word[-1] == "e" else "ed")


@dataclass(frozen=True)
class Verb:
    """A verb in both languages; `flag` is explained at ACTIONS."""

    base: str
    past: str
    part: str
    spanish: str
    objects: str = ""
    flag: str = ""
    reflexive: bool = False

    def inflect(self, word: str) -> str:
        """Puts another form in place of the first word: get up, got up."""
        return " ".join([word, *self.base.split()[1:]])

    @property
    def s(self) -> str:
        first = self.base.split()[0]
        return self.inflect("has" if first == "have" else add_s(first))

    @property
    def ing(self) -> str:
        return self.inflect(add_ing(self.base.split()[0]))


def read_verbs(text: str, reflexive: bool = False) -> list[Verb]:
    verbs = []
    for line in text.strip().split("\n"):
        fields = [field.strip() for field in line.split("|")] + ["", ""]
        english, *others = fields[0].split("/")
        spanish, objects, flag = fields[1:4]
        if objects in ("=", "!", "~"):
            objects, flag = "", objects
        past = others[0] if others else add_ed(english.split()[0])
        part = others[-1] if others else past
        rest = english.split()[1:]
        verbs.append(
            Verb(
                english,
                " ".join([past, *rest]),
                " ".join([part, *rest]),
                spanish,
                objects,
                flag,
                reflexive,
            )
        )
    return verbs


BE, STAY = (Verb("be", "was", "been", verb, flag="=") for verb in ("ser", "estar"))
NOT = {
    "do not": "don't", "does not": "doesn't", "did not": "didn't",
    "will not": "won't", "can not": "can't", "is not": "isn't",
    "are not": "aren't", "was not": "wasn't", "were not": "weren't",
    "have not": "haven't", "has not": "hasn't",
}  # fmt: skip


def be(person: str, past: bool = False) -> str:
    if past:
        return "was" if person in ("1s", "3s") else "were"
    return {"1s": "am", "3s": "is"}.get(person, "are")


def english_verb(verb: Verb, person: str, tense: str) -> tuple[str, str]:
    """Returns the auxiliary of a verb and the rest: has, bought.

    In the present and the past the auxiliary is a form of "do", which a plain
    statement leaves out.
    """
    third = person == "3s"
    modal = {"want": "want to", "have to": "have to", "need": "need to"}
    if tense in ("progressive", "was"):
        return be(person, tense == "was"), verb.ing
    if tense == "going":
        return be(person), f"going to {verb.base}"
    if tense == "perfect":
        return "has" if third else "have", verb.part
    if tense in ("future", "can"):
        return "will" if tense == "future" else "can", verb.base
    if tense == "had to":
        return "did", f"have to {verb.base}"
    if tense in modal:
        return "does" if third else "do", f"{modal[tense]} {verb.base}"
    if verb.base == "be":
        return be(person, tense == "past"), ""
    if tense == "past":
        return "did", verb.base
    return "does" if third else "do", verb.base


def english_finite(verb: Verb, person: str, tense: str) -> str:
    """Returns what a plain statement has in place of "do" and the rest."""
    third = person == "3s"
    if tense == "past":
        return verb.past
    if tense == "had to":
        return f"had to {verb.base}"
    if tense in ("want", "have to", "need"):
        first = {"want": "want", "have to": "have", "need": "need"}[tense]
        first = {"have": "has"}.get(first, first + "s") if third else first
        return f"{first} to {verb.base}"
    return verb.s if third else verb.base


def spanish_verb(verb: Verb, person: str, tense: str) -> tuple[str, str]:
    """Returns the finite form of a verb and the rest: ha, comprado."""
    name = verb.spanish
    if name in ("ir", "venir") and tense in ("progressive", "was"):
        tense = "present" if tense == "progressive" else "imperfect"
    if tense in ("progressive", "was"):
        when = "present" if tense == "progressive" else "imperfect"
        return conjugate("estar", when)[person], gerund(name)
    if tense == "perfect":
        return conjugate("haber", "present")[person], participle(name)
    helpers = {
        "going": ("ir", "present", "a "),
        "can": ("poder", "present", ""),
        "want": ("querer", "present", ""),
        "need": ("necesitar", "present", ""),
        "have to": ("tener", "present", "que "),
        "had to": ("tener", "past", "que "),
    }
    if tense in helpers:
        helper, when, link = helpers[tense]
        return conjugate(helper, when)[person], link + name
    if tense == "past" and verb.flag == "=":
        tense = "imperfect"
    return conjugate(name, tense)[person], ""


# --- Parts of a sentence ------------------------------------------------------


@dataclass(frozen=True)
class Noun:
    """A noun in both languages: singular and plural, masculine and feminine."""

    english: tuple[str, str]
    spanish: tuple[tuple[str, str], tuple[str, str]]
    gender: str
    group: str

    @property
    def mass(self) -> bool:
        return self.english[1] == "-"

    def translate(self, number: str) -> str:
        place = "sp".index(number)
        return either(self.spanish[0][place], self.spanish[1][place], self.gender)


def read_nouns() -> dict[str, dict[str, Noun]]:
    """Returns the nouns of each group by their English singular."""
    groups: dict[str, dict[str, Noun]] = {}
    for group, text in NOUNS.items():
        groups[group] = {}
        for entry in text.split(","):
            english, spanish, gender = entry.split()
            one, _, many = english.partition("/")
            word, _, same = spanish.partition("=")
            masculine, _, feminine = word.partition("/")
            forms = [(w, same or plural(w)) for w in (masculine, feminine or masculine)]
            groups[group][one] = Noun(
                (one, many or add_s(one)), tuple(forms), gender, group
            )
    return groups


GROUPS = read_nouns()


def find_nouns(names: str) -> list[Noun]:
    """Returns the nouns of groups and single nouns: "fruit bread"."""
    found = []
    for name in names.split():
        if name in GROUPS:
            found += GROUPS[name].values()
        else:
            found.append(next(g[name] for g in GROUPS.values() if name in g))
    return found


@dataclass(frozen=True)
class Phrase:
    """Who or what: a noun with its words, a name or a pronoun.

    Args:
        en: In English.
        es: In Spanish; a subject that is left out is "".
        person: 1s, 2s, 3s, 1p or 3p.
        gender: m, f or x.
        human: Whether an object needs "a".
        pronoun: What stands for it in a second English clause.
        noun: The noun, if it has one.
    """

    en: str
    es: str
    person: str
    gender: str
    human: bool = False
    pronoun: str = ""
    noun: Noun | None = None

    @property
    def number(self) -> str:
        return self.person[1]

    @property
    def object(self) -> str:
        return f"a {self.es}" if self.human else self.es

    @property
    def clitic(self) -> str:
        pair = ("lo", "la") if self.number == "s" else ("los", "las")
        return either(*pair, self.gender)

    @property
    def again(self) -> "Phrase":
        """The same one in a second clause, where Spanish needs no word."""
        return Phrase(self.pronoun, "", self.person, self.gender, self.human)

    @property
    def stressed(self) -> str:
        """The Spanish subject where it cannot be left out."""
        if self.person == "1p":
            return self.es or either("nosotros", "nosotras", self.gender)
        return self.es or {"1s": "yo", "2s": "tú"}.get(self.person, "")


PRONOUNS = [
    Phrase("I", "", "1s", "x", True, "I"),
    Phrase("you", "", "2s", "x", True, "you"),
    Phrase("he", "él", "3s", "m", True, "he"),
    Phrase("she", "ella", "3s", "f", True, "she"),
    Phrase("we", "", "1p", "x", True, "we"),
    Phrase("they", "{ellos|ellas}", "3p", "x", True, "they"),
]
REFLEXIVE_PRONOUN = {"1s": "me", "2s": "te", "3s": "se", "1p": "nos", "3p": "se"}
INDIRECT = {"1s": "me", "2s": "te", "3s": "le", "1p": "nos", "3p": "les"}
OBJECTS = [  # English, Spanish, person
    ("me", "me", "1s"),
    ("you", "te", "2s"),
    ("him", "lo", "3s"),
    ("her", "la", "3s"),
    ("us", "nos", "1p"),
    ("them", "{los|las}", "3p"),
]


def lines(text: str) -> list[list[str]]:
    """Returns the two halves of each line of a list."""
    rows = [line.split("|") for line in text.strip().split("\n")]
    return [[half.strip() for half in row] for row in rows]


def table(text: str) -> list[list[str]]:
    """Returns the words of each entry of a list; _ stands for a space."""
    return [entry.split() for entry in text.split(",")]


def join(*parts: str) -> str:
    return " ".join(" ".join(parts).split()).replace(" ,", ",")


@dataclass(frozen=True)
class Predicate:
    """A verb in both languages and what follows it.

    Args:
        verb: The verb.
        en: What follows the English verb.
        es: What follows the Spanish verb.
        clitic: A pronoun at the Spanish verb, apart from that of a reflexive verb.
    """

    verb: Verb
    en: str = ""
    es: str = ""
    clitic: str = ""

    def translate(self, person: str, tense: str) -> str:
        """Returns the Spanish verb with its pronoun: "lo compró"."""
        finite, rest = spanish_verb(self.verb, person, tense)
        clitic = self.clitic
        if self.verb.reflexive:
            clitic = REFLEXIVE_PRONOUN[person]
        if not clitic:
            return join(finite, rest)
        if rest.endswith("r") and "{" not in clitic:  # before the verbs or after them
            return f"{{{clitic} |}}{finite} {rest}{{|{clitic}}}"
        return join(clitic, finite, rest)

    def infinitive(self, person: str) -> str:
        clitic = REFLEXIVE_PRONOUN[person] if self.verb.reflexive else self.clitic
        return join(self.verb.spanish + clitic, self.es)


Sides = tuple[str, str]  # English and Spanish
Made = tuple[str, str, str]  # the same and the mark at the end


def state(
    who: Phrase, what: Predicate, tense: str, negative: bool = False, adverb: str = ""
) -> Sides:
    """Returns a statement.

    Args:
        who: The subject.
        what: The predicate.
        tense: Of the English verb, such as "going".
        negative: Whether it has a "not".
        adverb: English | Spanish, such as "never | nunca".
    """
    aux, rest = english_verb(what.verb, who.person, tense)
    early, early_es = lines(adverb)[0] if adverb else ("", "")
    if negative:
        aux = NOT.get(f"{aux} not", f"{aux} not")
    elif aux in ("do", "does", "did"):
        aux, rest = "", english_finite(what.verb, who.person, tense)
    verb = what.translate(who.person, tense)
    return (
        join(who.en, aux, early, rest, what.en),
        join(who.es, "no" if negative else early_es, verb, what.es),
    )


HAVE = Verb("be", "was", "been", "tener", flag="=")  # hunger, or ten years
BEING = (BE, STAY, HAVE)
STRESSED = ("él", "ella", "{ellos|ellas}")


def ask(who: Phrase, what: Predicate, tense: str, word: str = "") -> Sides:
    """Returns a question; with a word such as "when | cuándo" the verb comes first."""
    aux, rest = english_verb(what.verb, who.person, tense)
    ask_en, ask_es = lines(word)[0] if word else ("", "")
    verb = what.translate(who.person, tense)
    last = what.es
    several = spanish_verb(what.verb, who.person, tense)[1]
    if several and tense != "perfect" and not word:
        order = (who.es, verb, last)
    elif (
        what.verb in BEING
        and who.es not in STRESSED
        and len(last.split()) < 3
        and last[:3] != "en "
    ):
        order = (verb, last, who.es)
    else:
        order = (verb, who.es, last)
    return join(ask_en, aux, who.en, rest, what.en), join(ask_es, *order)


KIN = """brother sister uncle aunt grandfather grandmother son daughter friend
    cousin""".split()
OF_WHOM = {"I": "my", "you": "your", "he": "his", "she": "her", "we": "our",
           "they": "their"}  # fmt: skip
GLAD = ("happy", "ready", "alone")
GROWN = {"man", "woman", *KIN} - {"friend", "cousin"}  # they have a job
GRADED = """big small expensive cheap beautiful heavy elegant modern fast tall young
    strong nice clever shy famous serious old tired ill sad happy angry busy nervous
    clean dirty hot cold""".split()
ACTION = {verb.base: verb for verb in read_verbs(ACTIONS)}
DOING = read_verbs(DOINGS)
GET_UP = read_verbs(REFLEXIVE, reflexive=True)
MOTION = read_verbs(MOTIONS)
GIFT = read_verbs(GIFTS)
PEOPLE_VERBS = read_verbs(ABOUT_PEOPLE)
LIKE = Verb("like", "liked", "liked", "gustar")
THINK, KNOW, SAY = read_verbs("think | creer\nknow | saber\nsay | decir")
STATE_OF = [
    (adjectives.split(), find_nouns(names)) for adjectives, names in STATES.items()
]
THINGS = "item big clothes fruit"
TENSES = {
    "": """present present present present present past past past past future future
        future going going progressive progressive progressive perfect perfect can can
        want need""".split() + ["have to", "had to"],
    "~": "past past future going progressive perfect want".split() + ["have to"],
    "!": "present past past past perfect future".split(),
    "=": "present present present past".split(),
}  # fmt: skip


class Writer:
    """Writes sentences; each family below returns (English, Spanish, last mark).

    Args:
        seed: Start of the random numbers.
    """

    def __init__(self, seed: int):
        self.rng = random.Random(seed)

    def pick(self, items):
        return self.rng.choice(items)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    # Parts

    def determiner(self, noun: Noun, number: str) -> str:
        if noun.mass:
            return "the"
        if noun.english[0] in KIN:
            return self.pick(OWN)
        if noun.group in ("person", "someone"):
            return self.pick(["the", "the", "the", "a", "this", "that"])
        common = ["the"] * 5 + [self.pick(OWN) for _ in range(4)] + ["this", "that"]
        if number == "s":
            return self.pick(common + ["a"] * 5 + ["another"])
        amount = self.pick(VERY_PLURAL).split()[0]
        return self.pick(common + [amount] * 3 + ["many", "all"])

    def thing(
        self,
        names: str,
        determiner: str = "",
        number: str = "",
        attribute: float = 0.35,
        bare: bool = False,
    ) -> Phrase:
        """Returns a noun of some groups or single nouns, with its words.

        Args:
            names: The groups and nouns.
            determiner: One of DETERMINERS, "bare", or "of" for "Ana's"; default: one
                that fits.
            number: "s" or "p"; default: any.
            attribute: How often it has an adjective.
            bare: Whether bread and milk may have no article, as an object.
        """
        noun = self.pick(find_nouns(names))
        number = "s" if noun.mass else number or self.pick("sssppp"[:5])
        owner = ""
        if noun.group == "place" and determiner in ("", *OWN):
            determiner = self.pick(["the", "the", "this", "that"])
        if determiner == "of" or (not determiner and self.chance(0.08)):
            if noun.group in THINGS.split():
                owner, determiner = self.pick(WOMEN + MEN), "the"
            elif determiner:
                determiner = "the"
        if bare and noun.mass and self.chance(0.5):
            determiner = "bare"
        determiner = determiner or self.determiner(noun, number)
        forms = DETERMINERS.get(determiner, "- - - - - -").split()
        place = "sp".index(number)
        first = forms[place].replace("_", " ").strip("-")
        if owner:
            first = f"{owner}'s"
        feminine = forms[3 + 2 * place]
        if noun.english[0] == "water" and feminine == "la":
            feminine = "el"
        first_es = either(forms[2 + 2 * place], feminine, noun.gender)
        first_es = first_es.replace("_", " ").strip("-")
        en, es = noun.english[place], noun.translate(number)
        adjectives = ATTRIBUTES[noun.group].split()
        if adjectives and self.chance(attribute):
            word = self.pick(adjectives)
            en = f"{word} {en}"
            es = f"{es} {adjective(ADJECTIVES[word], noun.gender, number)}"
        human = noun.group in ("person", "someone")
        pronoun = {"m": "he", "f": "she", "x": ""}[noun.gender] if human else "it"
        return Phrase(
            join(first, en),
            join(first_es, es, f"de {owner}" if owner else ""),
            f"3{number}",
            noun.gender,
            human,
            pronoun if number == "s" else "they",
            noun,
        )

    def known(self, names: str, attribute: float = 0.0, number: str = "") -> Phrase:
        """Returns a thing that is known, as a subject most often is."""
        determiner = self.pick(["the", "the", "the", "this", "that", "of", *OWN])
        return self.thing(names, determiner, number, attribute)

    def name(self) -> Phrase:
        if self.chance(0.5):
            name = self.pick(WOMEN)
            return Phrase(name, name, "3s", "f", True, "she")
        name = self.pick(MEN)
        return Phrase(name, name, "3s", "m", True, "he")

    def names(self) -> Phrase:
        one, two = self.name(), self.name()
        if one == two:
            return self.names()
        gender = "f" if one.gender == two.gender == "f" else "m"
        return Phrase(
            f"{one.en} and {two.en}", f"{one.es} y {two.es}", "3p", gender, True, "they"
        )

    def people(self) -> Phrase:
        noun = self.pick(find_nouns("person person person someone"))
        determiner = self.pick(["the", "the", "the", "this", "that"])
        if noun.english[0] in KIN:
            determiner = self.pick(OWN)
        return self.thing(noun.english[0], determiner, attribute=0.12)

    def who(self, again: bool = False, number: str = "sp") -> Phrase:
        """Returns a human subject; `again`: one that a second clause can name."""
        (kind,) = self.rng.choices("pnNm", (50, 22, 6, 22))
        make = {
            "p": lambda: self.pick(PRONOUNS),
            "n": self.name,
            "N": self.names,
            "m": self.people,
        }
        who = make[kind]()
        if (again and not who.pronoun) or who.number not in number:
            return self.who(again, number)
        return who

    def other(self, *persons: str) -> Phrase:
        """Returns a human subject of another person."""
        while (who := self.who()).person in persons:
            pass
        return who

    def pronoun(self, who: Phrase) -> tuple[str, str, str]:
        """Returns an object of OBJECTS that is not the subject itself."""
        same = {"1s": ("1s", "1p"), "1p": ("1s", "1p"), "2s": ("2s",)}
        objects = [row for row in OBJECTS if row[2] not in same.get(who.person, ())]
        return self.pick(objects)

    def tense(self, verb: Verb, allowed: str = "") -> str:
        tenses = TENSES[verb.flag]
        found = [t for t in tenses if not allowed or t in allowed.split("|")]
        return self.pick(found)

    def time(self, tense: str, share: float = 0.35) -> Sides:
        if tense in WHEN and self.chance(share):
            english, spanish = self.pick(lines(TIMES[WHEN[tense]]))
            return english, spanish
        return "", ""

    def action(self, verbs: list[Verb] | None = None) -> Predicate:
        verb = self.pick(verbs or list(ACTION.values()))
        it = self.thing(verb.objects, bare=True)
        return Predicate(verb, it.en, it.object)

    def doing(self, place: float = 0.6) -> Predicate:
        verb = self.pick(DOING)
        if verb.base != "live" and not self.chance(place):
            return Predicate(verb)
        spots = [row for row in lines(PLACES) if row[0].split()[-1] in verb.objects]
        en, es = self.pick(spots)
        if verb.base in ("run", "walk"):
            es = re.sub("^en ", "por ", es)
        return Predicate(verb, en, es)

    def motion(self, verb: Verb | None = None) -> Predicate:
        verb = verb or self.pick(MOTION)
        ways = lines(WAYS)
        if verb.base == "travel":
            ways = ways[-1:]
        if verb.base == "run":
            ways = ways[:-1]
        city = self.pick(list(CITIES))
        en, es = self.pick(ways)
        return Predicate(verb, en.format(city=city), es.format(city=CITIES[city]))

    def hour(self) -> Sides:
        """Returns an hour as after "at", such as half past two: las dos y media."""
        en, es = self.pick([["one", "la una"], *table(NUMBERS)[:11]])
        es = es if en == "one" else f"las {es}"
        return self.pick(
            [
                (f"{en} o'clock", es),
                (f"{en} o'clock", es),
                (f"half past {en}", f"{es} y media"),
                (f"a quarter past {en}", f"{es} y cuarto"),
                (f"a quarter to {en}", f"{es} menos cuarto"),
            ]
        )

    def being(self, who: Phrase, bad: bool = False) -> Predicate:
        """Returns what someone is for some time: "está triste" or "tiene sed".

        Args:
            who: The one.
            bad: Whether it must be a reason not to do something.
        """
        if self.chance(0.3):
            en, es = self.pick(table(FEELINGS)[: -1 if bad else None])
            much, _, feeling = es.partition("_")
            very = much != "-" and self.chance(0.25)
            en = f"very {en}" if very else en.replace("_", " ")
            return Predicate(HAVE, en, f"{much} {feeling}" if very else feeling)
        words = STATE_OF[0][0]
        word = self.pick([w for w in words if not bad or w not in GLAD])
        return Predicate(STAY, *self.graded(word, who))

    def graded(self, word: str, who: Phrase) -> Sides:
        es = adjective(ADJECTIVES[word], who.gender, who.number)
        if word in GRADED and self.chance(0.25):
            degree = self.pick([("very", "muy"), ("very", "muy"), ("too", "demasiado")])
            return f"{degree[0]} {word}", f"{degree[1]} {es}"
        return word, es

    def job(self, who: Phrase) -> Predicate:
        en, es = self.pick(table(JOBS))
        masculine, feminine = es.split("/")
        if "-" in (masculine, feminine) and (
            who.gender == "x" or {"m": masculine, "f": feminine}[who.gender] == "-"
        ):
            return self.job(who)
        if who.number == "p":
            forms = [plural(word) for word in (masculine, feminine)]
            return Predicate(BE, add_s(en), either(*forms, who.gender))
        return Predicate(
            BE, articles(f"a {en}"), either(masculine, feminine, who.gender)
        )

    def attribute(self, subject: Phrase) -> Predicate:
        """Returns what a thing or a person is, always or for some time."""
        noun = subject.noun
        if subject.human and (noun is None or self.chance(0.5)):
            words = ATTRIBUTES["person"].split()
            if self.chance(0.5):
                return self.being(subject)
            return Predicate(BE, *self.graded(self.pick(words), subject))
        for words, nouns in self.rng.sample(STATE_OF, len(STATE_OF)):
            if noun in nouns and self.chance(0.5):
                return Predicate(STAY, *self.graded(self.pick(words), subject))
        words = ATTRIBUTES[noun.group].split()
        if noun.group in ("food", "drink"):
            words = ["hot", "cold"]
            return Predicate(STAY, *self.graded(self.pick(words), subject))
        return Predicate(BE, *self.graded(self.pick(words), subject))

    def tell(
        self, who: Phrase, what: Predicate, tense: str, time: float = 0.35
    ) -> Made:
        """Returns a statement, a denial or a question.

        Args:
            who: The subject.
            what: The predicate.
            tense: Of the English verb.
            time: How often it has a time or an adverb; 0 is never.
        """
        when, when_es = self.time(tense, time) if what.verb.flag != "=" else ("", "")
        kind = self.rng.random()
        if who.person == "1s" and tense not in ("can", "have to"):
            kind = max(kind, 0.25)  # few ask about themselves
        if kind < 0.25:
            en, es = ask(who, what, tense)
            return join(en, when), join(es, when_es), "?"
        adverb = ""
        if kind > 0.9 and time and what.verb.flag != "!" and not when:
            if tense in ("present", "future"):
                adverb = self.pick(["never | nunca", "always | siempre"])
            elif tense == "perfect":
                adverb = self.pick(["never | nunca", "already | ya"])
        en, es = state(who, what, tense, not adverb and kind < 0.42, adverb)
        if when and WHEN[tense] in ("past", "future") and not adverb:
            es = f"{{|{when_es} }}{es}{{ {when_es}|}}"
        else:
            es = join(es, when_es)
        return join(en, when), es, "."

    # Short families

    def acts(self) -> Made:
        what = self.action()
        return self.tell(self.who(), what, self.tense(what.verb))

    def does(self) -> Made:
        what = self.doing()
        return self.tell(self.who(), what, self.tense(what.verb))

    def rises(self) -> Made:
        verb = self.pick(GET_UP)
        en, es = self.hour()
        what = Predicate(verb)
        if verb.base != "sit down" and self.chance(0.6):
            what = Predicate(verb, f"at {en}", f"a {es}")
        time = 0.35 if verb.base != "sit down" and not what.en else 0
        return self.tell(self.who(), what, self.tense(verb), time)

    def moves(self) -> Made:
        what = self.motion()
        return self.tell(self.who(), what, self.tense(what.verb))

    def animal_acts(self) -> Made:
        subject = self.known("animal", 0.3)
        verb = self.pick(DOING[:3] + [ACTION["eat"], ACTION["drink"]])
        what = Predicate(verb)
        if verb.objects in (ACTION["eat"].objects, ACTION["drink"].objects):
            food = "bread cheese meat" if verb.base == "eat" else "water milk"
            it = self.thing(food, bare=True)
            what = Predicate(verb, it.en, it.es)
        elif verb.base == "work":
            what = Predicate(DOING[0])
        tense = self.pick(["present", "past", "progressive", "progressive"])
        return self.tell(subject, what, tense, 0.1)

    def likes(self) -> Made:
        who = self.pick([*PRONOUNS, self.name(), self.people()])
        it = self.known("item clothes big sound place", 0.4)
        if self.chance(0.4):
            it = self.thing("animal fruit flower food drink", "the", "p", 0.1)
            it = Phrase(it.en.removeprefix("the "), it.es, it.person, it.gender)
        tense = "past" if self.chance(0.15) else "present"
        return self.pleases(who, it, tense)

    def pleases(self, who: Phrase, it: Phrase, tense: str) -> Made:
        if who.person[0] == "3":
            to_whom = f"a {who.es}"
        else:
            to_whom = ""
        verb = conjugate("gustar", tense)[it.person]
        kind = self.rng.random() * (0.75 if who.person == "1s" else 1)
        en, _ = state(who, Predicate(LIKE, it.en), tense, kind < 0.2)
        no = "no" if kind < 0.2 else ""
        es = join(to_whom, no, INDIRECT[who.person], verb, it.es)
        if kind > 0.75:
            return ask(who, Predicate(LIKE, it.en), tense)[0], es, "?"
        return en, es, "."

    def is_so(self) -> Made:
        subject = self.known("item big clothes food drink part place animal")
        if self.chance(0.5):
            subject = self.who()
        return self.tell(subject, self.attribute(subject), self.tense(STAY))

    def feels(self) -> Made:
        who = self.who()
        return self.tell(who, self.being(who), self.tense(STAY))

    def is_there(self) -> Made:
        if self.chance(0.7):
            subject = self.known("item clothes fruit dog cat bird", 0.25)
            what = Predicate(STAY, *self.pick(lines(SPOTS)))
        else:
            subject = self.who()
            what = Predicate(STAY, *self.pick(lines(PLACES)[:12]))
        return self.tell(subject, what, self.tense(STAY))

    def there_is(self) -> Made:
        spot, spot_es = self.pick(lines(SPOTS[: SPOTS.rindex("\n")]))
        past = self.chance(0.25)
        kind = self.rng.random()
        verb = "había" if past else "hay"
        if kind < 0.25:
            it = self.thing("item fruit food drink chair cat bird", "bare", "p", 0.2)
            is_ = be(it.person, past)
            return f"there {is_} no {it.en} {spot}", f"no {verb} {it.es} {spot_es}", "."
        number = self.pick("sp")
        amount = self.pick([word.split()[0] for word in VERY_PLURAL] + ["many"])
        determiner = "a" if number == "s" else amount
        it = self.thing("item fruit chair lamp dog cat bird", determiner, number, 0.4)
        is_ = be(it.person, past)
        if kind < 0.45:
            return f"{is_} there {it.en} {spot}", f"{verb} {it.es} {spot_es}", "?"
        return f"there {is_} {it.en} {spot}", f"{verb} {it.es} {spot_es}", "."

    def has_age(self) -> Made:
        who = self.who()
        if self.chance(0.15):
            verb = conjugate("tener", "present")[who.person]
            en = f"how old {be(who.person)} {who.en}"
            return en, join("cuántos años", verb, who.es), "?"
        child = who.noun and who.noun.english[0] in ("boy", "girl")
        en, es = self.pick(table(NUMBERS)[:11] if child else table(NUMBERS)[9:])
        what = Predicate(HAVE, f"{en} years old", f"{es} años")
        return self.tell(who, what, self.pick(["present", "present", "past"]), 0)

    def has_job(self) -> Made:
        while (who := self.who()).noun and who.noun.english[0] not in GROWN:
            pass
        tense = self.pick(["present", "present", "past", "want", "future"])
        return self.tell(who, self.job(who), tense, 0)

    def meets(self) -> Made:
        verb = self.pick(PEOPLE_VERBS)
        who = self.who()
        en, es, _ = self.pronoun(who)
        what = Predicate(verb, en, clitic=es)
        return self.tell(who, what, self.tense(verb))

    def orders(self) -> Made:
        mark = "!" if self.chance(0.3) else "."
        please, please_es = ", please", ", por favor"
        if self.chance(0.7):
            please, please_es = "", ""
        if self.chance(0.3):
            verb = self.pick(GIFT)
            it = self.thing(verb.objects, bare=True)
            person, index = self.pick([("me", 0), ("us", 1)])
            done = {
                "give": "dame danos",
                "send": "envíame envíanos",
                "show": "enséñame enséñanos",
                "sell": "véndeme véndenos",
                "bring": "tráeme tráenos",
            }[verb.base].split()[index]
            en, es = f"{verb.base} {person} {it.en}", f"{done} {it.es}"
        else:
            verbs = [verb for verb in ACTION.values() if verb.flag in ("", "~")]
            what = self.action(verbs)
            if self.chance(0.15):
                what = self.motion(MOTION[self.pick([0, 1, 2])])
            en = f"{what.verb.base} {what.en}"
            kind = self.rng.random()
            if kind < 0.3:
                en = f"don't {en}"
                verb = conjugate(what.verb.spanish, "subjunctive")["2s"]
                es = f"no {verb} {what.es}"
            elif kind < 0.45 and not please:
                en, es = f"let's {en}", f"vamos a {what.verb.spanish} {what.es}"
            else:
                es = f"{imperative(what.verb.spanish)} {what.es}"
        return en + please, es + please_es, mark

    def exclaims(self) -> Made:
        if self.chance(0.5):
            it = self.thing("item big clothes animal place person", "a", attribute=0)
            words = [w for w in ATTRIBUTES[it.noun.group].split() if w in GRADED]
            word = self.pick(words)
            place = "sp".index(it.number)
            noun, noun_es = it.noun.english[place], it.noun.translate(it.number)
            es = adjective(ADJECTIVES[word], it.gender, it.number)
            en = f"what {'a ' * (it.number == 's')}{word} {noun}"
            return en, f"qué {noun_es} tan {es}", "!"
        subject = self.thing("item big clothes place", self.pick(["the", "this", *OWN]))
        subject = subject if self.chance(0.5) else self.other("1s")
        what = self.attribute(subject)
        if what.en not in GRADED:
            return self.exclaims()
        verb = conjugate(what.verb.spanish, "present")[subject.person]
        is_ = be(subject.person)
        return (
            f"how {what.en} {subject.en} {is_}",
            f"qué {what.es} {verb} {subject.es}",
            "!",
        )

    def asks(self) -> Made:
        who = self.other("1s")
        kind = self.pick(
            "what where whither when why who whom many color whose".split()
        )
        plain = "present|past|future|going|progressive|perfect|want"
        if kind == "what":
            names = """buy sell eat drink cook read wash clean paint repair write bring
                see find look_for""".replace("\n", " ").split()
            verb = ACTION[self.pick(names).replace("_", " ")]
            word = "what | qué"
            return *ask(who, Predicate(verb), self.tense(verb, plain), word), "?"
        if kind == "where":
            if self.chance(0.4):
                it = self.known("item clothes big animal", 0.3)
                tense = self.tense(STAY)
                return *ask(it, Predicate(STAY), tense, "where | dónde"), "?"
            verb = self.pick(DOING)
            tense = self.tense(verb, plain)
            return *ask(who, Predicate(verb), tense, "where | dónde"), "?"
        if kind == "whither":
            verb = self.pick([MOTION[0], MOTION[3]])
            tense = self.tense(verb, plain)
            return *ask(who, Predicate(verb), tense, "where | adónde"), "?"
        if kind in ("when", "why"):
            verbs = [verb for verb in ACTION.values() if verb.flag in ("", "~")]
            make = [lambda: self.action(verbs), self.motion, lambda: self.doing(0.3)]
            what = self.pick(make)()
            if what.verb.flag == "=":
                return self.asks()
            allowed = "past|going|have to" if kind == "when" else plain
            word = f"{kind} | {'cuándo' if kind == 'when' else 'por qué'}"
            return *ask(who, what, self.tense(what.verb, allowed), word), "?"
        if kind == "who":
            what = self.pick([self.action, self.doing, self.motion])()
            nobody = Phrase("who", "quién", "3s", "m")
            tense = self.tense(what.verb, plain.removesuffix("|want"))
            return *state(nobody, what, tense), "?"
        if kind == "whom":
            verbs = [verb for verb in PEOPLE_VERBS if verb.flag != "="]
            verb = self.pick(verbs)
            tense = self.tense(verb, plain)
            return *ask(who, Predicate(verb), tense, "who | a quién"), "?"
        if kind == "many":
            verb = ACTION[self.pick(["buy", "sell", "see", "have", "need", "find"])]
            it = self.thing("item fruit animal clothes", "bare", "p", 0.15)
            how = either("cuántos", "cuántas", it.gender)
            word = f"how many {it.en} | {how} {it.es}"
            return *ask(who, Predicate(verb), self.tense(verb, plain), word), "?"
        if kind == "color":
            it = self.thing(
                "clothes big part bag cup box", self.pick(["the", *OWN]), "", 0
            )
            past = self.chance(0.15)
            verb = conjugate("ser", "imperfect" if past else "present")[it.person]
            return (
                f"what color {be(it.person, past)} {it.en}",
                f"de qué color {verb} {it.es}",
                "?",
            )
        it = self.thing("item clothes big animal", "this", attribute=0.2)
        this, _, noun = it.en.partition(" ")
        verb = conjugate("ser", "present")[it.person]
        return f"whose {noun} {be(it.person)} {this}", f"de quién {verb} {it.es}", "?"

    def compares(self) -> Made:
        group = self.pick(["item", "big", "clothes", "animal", "place", "person"])
        if group == "person":
            one, two = self.who(), self.other("1s", "2s", "1p")
            if two.en in OF_WHOM:
                two = self.name()
        else:
            determiners = (
                self.pick(["the", "this", "that", *OWN]),
                self.pick(["the", *OWN]),
            )
            one = self.thing(group, determiners[0], attribute=0)
            two = self.thing(group, determiners[1], attribute=0.15)
        if one.en.split()[-1] == two.en.split()[-1]:
            return self.compares()
        words = [word for word in ATTRIBUTES[group].split() if word in GRADED]
        word = self.pick(words)
        more = COMPARED.get(word, f"more {word}")
        es = adjective(ADJECTIVES[word], one.gender, one.number)
        if self.chance(0.3):
            what = Predicate(BE, f"as {word} as {two.en}", f"tan {es} como {two.es}")
        else:
            what = Predicate(BE, f"{more} than {two.en}", f"más {es} que {two.es}")
        return self.tell(one, what, self.pick(["present", "present", "past"]))

    def excels(self) -> Made:
        names, places = self.pick(
            [
                ("item big clothes", "shop market"),
                ("house car garden", "village city street"),
                ("church library park museum hotel restaurant shop", "village city"),
                ("animal", "village market"),
            ]
        )
        it = self.thing(names, "the", attribute=0)
        words = [word for word in ATTRIBUTES[it.noun.group].split() if word in GRADED]
        word = self.pick(words)
        most = COMPARED.get(word, "")
        most = most[:-1] + "st" if most else f"most {word}"
        es = adjective(ADJECTIVES[word], it.gender, it.number)
        where = self.thing(places, "the", "s", 0)
        is_, are = conjugate("ser", "present")[it.person], be(it.person)
        noun = it.noun.english["sp".index(it.number)]
        this = DETERMINERS["this"].split()
        place = "sp".index(it.number)
        this_es = either(*this[2 + 2 * place : 4 + 2 * place], it.gender)
        return (
            f"{this[place]} {are} the {most} {noun} in {where.en}",
            f"{this_es} {is_} {it.es} más {es} de {where.es}",
            ".",
        )

    def gives(self) -> Made:
        verb, who = self.pick(GIFT), self.who()
        it = self.thing(verb.objects, bare=True)
        allowed = "past|future|going|perfect|want|have to|can"
        tense = self.tense(verb, allowed)
        if self.chance(0.5):
            to_whom = self.pick([self.name, self.people])()
            if who.en == to_whom.en:
                return self.gives()
            what = Predicate(
                verb,
                f"{to_whom.en} {it.en}",
                f"{it.es} a {to_whom.es}",
                INDIRECT[to_whom.person],
            )
        else:
            en, _, person = self.pronoun(who)
            what = Predicate(verb, f"{en} {it.en}", it.es, INDIRECT[person])
        return self.tell(who, what, tense)

    def speaks(self) -> Made:
        who = self.who()
        verb = self.pick(
            read_verbs(
                "speak/spoke/spoken | hablar\nlearn | aprender\nstudy | estudiar\n"
                "understand/understood | entender | | !"
            )
        )
        en, es = self.pick(list(LANGUAGES.items()))
        if verb.base == "speak" and self.chance(0.3):
            en, es = f"{en} very well", f"{es} muy bien"
        allowed = "present|progressive|want|have to|going"
        if verb.flag:
            return self.tell(who, Predicate(verb, en, es), "present", 0)
        tense = self.tense(verb, allowed if verb.base != "speak" else "present|want")
        time = 0.35 if en in LANGUAGES else 0
        return self.tell(who, Predicate(verb, en, es), tense, time)

    def tells_time(self) -> Made:
        en, es = self.hour()
        if self.chance(0.25):
            verb = "es" if es.startswith("la ") else "son"
            return f"it is {en}", f"{verb} {es}", "."
        subject, verbs = self.pick(
            [
                (self.thing("shop museum library market", attribute=0.2), "open close"),
                (Phrase("the train", "el tren", "3s", "m"), "leave arrive"),
                (self.pick(PRONOUNS[:4]), "leave arrive"),
                (self.name(), "leave arrive"),
            ]
        )
        known = read_verbs(
            "open | abrir\nclose | cerrar\nleave/left | salir\narrive | llegar"
        )
        verb = self.pick([verb for verb in known if verb.base in verbs])
        what = Predicate(verb, f"at {en}", f"a {es}")
        tense = self.pick(["present", "past", "future"])
        en, es, mark = self.tell(subject, what, tense, 0.3 * (tense == "present"))
        # After an hour it is "de la mañana"; "por la mañana" stands alone.
        return en, es.replace("por la", "de la"), mark

    # Long families

    def but_it(self) -> Made:
        """One thing in two clauses: the second has a pronoun in its gender."""
        frames = """
            lose perfect | key phone ticket umbrella book hat glove | can not find
            lose past | key phone ticket umbrella bag map | need
            buy past | item clothes big | present not need
            buy past | item clothes big | can not find
            buy perfect | big clothes | want sell
            read past | book letter newspaper | past not understand
            cook past | soup fish rice meat | want not eat
            write perfect | letter | future send
            write past | letter | can not send
            break perfect | chair window lamp | have_to repair
            break past | chair lamp clock bicycle | can not repair
            wash perfect | clothes | want wear
            have present | house car bicycle boat horse | want sell
            have present | house car bicycle boat | have_to clean
            find past | ticket photo letter map | present not need
            see past | clothes car bicycle house | want buy
            see past | clothes car house lamp | can not buy
            buy past | clothes big photo | like
            see past | house car dress | like"""
        who = self.who(again=True)
        first, names, then = self.pick(
            [line.split("|") for line in frames.split("\n")[1:]]
        )
        verb, tense = first.split()
        own = OF_WHOM[who.pronoun] if verb in ("lose", "wash") else "a the"
        own = "the" if names.strip().startswith("soup") else own
        it = self.thing(names, self.pick(own.split()), attribute=0.45)
        en, es = state(who, Predicate(ACTION[verb], it.en, it.es), tense)
        pronoun = "it" if it.number == "s" else "them"
        *then, last = then.replace("_", " ").split()
        negative = "not" in then
        if last == "like":
            negative = self.chance(0.5)
            en2, _ = state(who.again, Predicate(LIKE, pronoun), "present", negative)
            gusta = conjugate("gustar", "present")[it.person]
            es2 = join("no" if negative else "", INDIRECT[who.person], gusta)
        else:
            tense = " ".join(word for word in then if word != "not") or "present"
            verb = {**ACTION, "send": GIFT[1]}[last]
            what = Predicate(verb, pronoun, clitic=it.clitic)
            en2, es2 = state(who.again, what, tense, negative)
        if negative:
            return f"{en}, but {en2}", f"{es}, pero {es2}", "."
        return f"{en} and {en2}", f"{es} y {es2}", "."

    def because(self) -> Made:
        if self.chance(0.35):
            who = self.pick([self.who(), self.name()])
            other = self.other(who.person)
            word = self.pick(["sad", "angry", "happy", "nervous"])
            done = "find buy" if word == "happy" else "sell break lose"
            es = adjective(ADJECTIVES[word], who.gender, who.number)
            what = self.action([ACTION[verb] for verb in done.split()])
            parts = (
                state(who, Predicate(STAY, word, es), self.pick(["present", "past"])),
                state(other, what, "past"),
            )
        else:
            who = self.who(again=True)
            what = self.pick([self.action, self.doing, self.motion])()
            if what.verb.flag:
                return self.because()
            tense = self.pick(["can", "want", "past"])
            why = self.being(who, bad=True)
            when = "past" if tense == "past" else "present"
            parts = state(who, what, tense, True), state(who.again, why, when)
        return (
            f"{parts[0][0]} because {parts[1][0]}",
            f"{parts[0][1]} porque {parts[1][1]}",
            ".",
        )

    def when(self) -> Made:
        one = self.who()
        if self.chance(0.25):
            one = self.who(again=True)
            first = state(one, self.being(one), "present")
            make = [self.motion, lambda: self.doing(0.4), lambda: Predicate(GET_UP[2])]
            what = self.pick(make)()
            if what.verb.flag == "~":
                return self.when()
            second = state(
                one.again, what, "present", adverb=self.pick(["", "always | siempre"])
            )
            return (
                f"when {first[0]}, {second[0]}",
                f"cuando {first[1]}, {second[1]}",
                ".",
            )
        two = self.other(one.person)
        arrive = read_verbs("arrive | llegar\nleave/left | salir")
        verbs = [lambda: Predicate(self.pick(arrive)), lambda: self.motion(MOTION[2])]
        actions = [ACTION[v] for v in "open close break find see".split()]
        verbs.append(lambda: self.action(actions))
        verbs.append(lambda: self.call(one))
        first = state(one, self.pick(verbs)(), "past")
        plain = [verb for verb in ACTION.values() if verb.flag in ("", "~")]
        make = [lambda: self.action(plain), lambda: self.doing(0.3)]
        what = self.pick(make)()
        if what.verb.base == "live":
            return self.when()
        en, _ = state(two, what, "was")
        finite = " ".join(spanish_verb(what.verb, two.person, "was"))
        imperfect = conjugate(what.verb.spanish, "imperfect")[two.person]
        subject = two.stressed if two.person == "1s" else two.es
        if finite != imperfect:
            finite = f"{{{finite}|{imperfect}}}"
        es = join(subject, finite, what.es)
        if self.chance(0.5):
            return f"when {first[0]}, {en}", f"cuando {first[1]}, {es}", "."
        return f"{en} when {first[0]}", f"{es} cuando {first[1]}", "."

    def call(self, who: Phrase) -> Predicate:
        en, es, _ = self.pronoun(who)
        return Predicate(PEOPLE_VERBS[2], en, clitic=es)

    def simple(self, flags: str = "") -> Predicate:
        """Returns a predicate that goes with the present and the future."""
        plain = [verb for verb in ACTION.values() if verb.flag in ("", *flags)]
        make = [lambda: self.action(plain), self.motion, lambda: self.doing(0.5)]
        what = self.pick(make)()
        return self.simple(flags) if what.verb.flag not in ("", *flags) else what

    def if_(self) -> Made:
        one, two = self.who(again=True), self.who()
        negative = self.chance(0.25)
        if self.chance(0.25):
            first = self.pick([("it rains", "llueve"), ("it is cold", "hace frío"),
                               ("it is hot", "hace calor")])  # fmt: skip
        elif self.chance(0.3):
            first = state(one, self.being(one), "present", negative)
            two = one.again
        else:
            first = state(one, self.simple(), "present", negative)
        if two.person == one.person:
            two = self.pick(PRONOUNS[:2])
            two = two if two.person != one.person else PRONOUNS[4]
        tense = self.pick(["future", "future", "can"])
        second = state(two, self.simple(), tense, self.chance(0.2))
        if self.chance(0.4):
            return f"{second[0]} if {first[0]}", f"{second[1]} si {first[1]}", "."
        return f"if {first[0]}, {second[0]}", f"si {first[1]}, {second[1]}", "."

    def that(self) -> Made:
        one = self.who()
        two = self.other(one.person)
        verb = self.pick([THINK, KNOW, SAY])
        kind = self.pick("acts does moves is".split())
        if kind == "is":
            subject = self.pick([two, self.known("item big clothes part place food")])
            two, what = subject, self.attribute(subject)
            tense = self.tense(STAY)
        else:
            make = {"acts": self.action, "does": self.doing, "moves": self.motion}
            what = make[kind]()
            tense = self.tense(what.verb)
        inner = state(two, what, tense, self.chance(0.2))
        what = Predicate(verb, f"that {inner[0]}", f"que {inner[1]}")
        if self.chance(0.15) and verb is not THINK:
            return *ask(one, what, "present"), "?"
        return *state(one, what, "present"), "."

    def wants(self) -> Made:
        """What one wants another to do; Spanish has the subjunctive."""
        one = self.who()
        if self.chance(0.6):
            forms = {"1s": "yo", "3p": "{ellos|ellas}"}
            en, es, person = self.pronoun(one)
            if (one.en, en) in (("he", "him"), ("she", "her"), ("they", "them")):
                return self.wants()
            es = {"lo": "él", "la": "ella"}.get(es, forms.get(person, ""))
        else:
            two = self.pick([self.name, self.people, self.names])()
            if two.en == one.en:
                return self.wants()
            en, es, person = two.en, two.es, two.person
        what = self.simple("~") if self.chance(0.85) else Predicate(self.pick(GET_UP))
        verb = what.translate(person, "subjunctive")
        whole = Predicate(
            ACTION["want"],
            join(en, "to", what.verb.base, what.en),
            join("que", es, verb, what.es),
        )
        return self.tell(one, whole, self.pick(["present", "present", "present"]), 0)

    def hopes(self) -> Made:
        one = self.who()
        two = self.other(one.person)
        if self.chance(0.4):
            subject = self.known("item clothes big food drink place")
            two = subject if self.chance(0.5) else two
            what = self.attribute(two)
        else:
            what = self.simple()
        hope = read_verbs("hope | esperar | =")[0]
        negative = self.chance(0.2)
        en, _ = state(two, what, "present", negative)
        verb = what.translate(two.person, "subjunctive")
        subject = two.stressed if two.person == "1s" else two.es
        es = join("que", subject, "no" if negative else "", verb, what.es)
        return *state(one, Predicate(hope, f"that {en}", es), "present"), "."

    def who_is(self) -> Made:
        """A person with a relative clause."""
        person = self.thing(
            "man woman boy girl waiter teacher student", "the", attribute=0
        )
        what = self.pick([self.action, self.doing])()
        allowed = "past|progressive|perfect" if what.verb.flag != "=" else "present"
        tense = self.tense(what.verb, allowed)
        who = Phrase("who", "que", person.person, person.gender)
        inner = state(who, what, tense)
        made = [self.being(person), self.job(person)]
        if person.noun.english[0] not in GROWN:
            made = made[:1]
        if person.number == "s":
            kin = self.thing(
                "brother sister uncle aunt son daughter grandmother", attribute=0
            )
            if kin.gender == person.gender and kin.number == "s":
                made.append(Predicate(BE, kin.en, kin.es))
        subject = Phrase(
            f"{person.en} {inner[0]}",
            f"{person.es} {inner[1]}",
            person.person,
            person.gender,
        )
        return *state(subject, self.pick(made), "present"), "."

    def which_is(self) -> Made:
        """A thing with a relative clause."""
        names = "buy sell find lose see bring look_for wear paint clean".split()
        verb = ACTION[self.pick(names).replace("_", " ")]
        names = [
            n for n in verb.objects.split() if n not in ("person", "someone", "food")
        ]
        it = self.thing(" ".join(names), "the", attribute=0.15)
        tense = self.tense(verb, "past|perfect|want|progressive|going")
        who = self.who()
        when = self.time(tense, 0.3) if tense == "past" else ("", "")
        what = Predicate(verb, when[0], when[1])
        inner = state(who, what, tense)
        whole = Phrase(
            f"{it.en} that {inner[0]}", f"{it.es} que {inner[1]}", it.person, it.gender
        )
        kind = self.rng.random()
        if kind < 0.35:
            likes = self.other(who.person)
            return self.pleases(likes, whole, "present")
        if kind < 0.6 and it.noun.group in ("item", "clothes", "fruit"):
            spot = Predicate(STAY, *self.pick(lines(SPOTS)))
            return *state(whole, spot, "present"), "."
        return *state(whole, self.attribute(it), "present"), "."

    def before(self) -> Made:
        who = self.who()
        what = self.pick([self.action, self.motion, self.doing])()
        if what.verb.flag:
            return self.before()
        tense = self.pick(["present", "past", "going", "have to"])
        en, es = state(who, what, tense)
        then = Predicate(self.pick([v for v in DOING if v.flag != "="] + GET_UP[2:4]))
        if then.verb.base == what.verb.base:
            return self.before()
        link, link_es = self.pick([("before", "antes de"), ("after", "después de")])
        return (
            f"{en} {link} {then.verb.ing}",
            f"{es} {link_es} {then.infinitive(who.person)}",
            ".",
        )

    def in_order_to(self) -> Made:
        who = self.who()
        way = self.motion(MOTION[self.pick([0, 0, 1])])
        tense = self.pick(["past", "past", "future", "going", "perfect", "want"])
        names = "buy sell eat drink look_for visit help bring repair".split()
        what = self.action([ACTION[n.replace("_", " ")] for n in names])
        en, es = state(who, way, tense)
        goal = f"{what.verb.spanish} {what.es}"
        return f"{en} to {what.verb.base} {what.en}", f"{es} {{para|a}} {goal}", "."

    def both(self) -> Made:
        """Two clauses side by side."""
        one = self.who()
        two = self.other(one.person)
        tense = self.pick(["past", "progressive", "future", "going"])
        link, link_es = self.pick([("and", "y"), (", but", ", pero")])
        first = state(one, self.simple("~"), tense)
        two = replace(two, es=two.stressed)
        second = state(two, self.simple("~"), tense, link != "and" and self.chance(0.5))
        return (
            f"{first[0]} {link} {second[0]}",
            f"{first[1]} {link_es} {second[1]}",
            ".",
        )

    def sentence(self) -> tuple[str, str, str]:
        """Returns English, Spanish with {a|b}, and the mark at the end."""
        (family,) = self.rng.choices(list(FAMILIES), FAMILIES.values())
        return family(self)


FAMILIES = {
    Writer.acts: 24,
    Writer.does: 10,
    Writer.rises: 3,
    Writer.moves: 5,
    Writer.animal_acts: 3,
    Writer.likes: 7,
    Writer.is_so: 10,
    Writer.feels: 4,
    Writer.is_there: 6,
    Writer.there_is: 5,
    Writer.has_age: 2,
    Writer.has_job: 3,
    Writer.meets: 6,
    Writer.orders: 7,
    Writer.exclaims: 4,
    Writer.asks: 12,
    Writer.compares: 4,
    Writer.excels: 2,
    Writer.gives: 6,
    Writer.speaks: 2,
    Writer.tells_time: 3,
    Writer.but_it: 7,
    Writer.because: 6,
    Writer.when: 6,
    Writer.if_: 6,
    Writer.that: 6,
    Writer.wants: 5,
    Writer.hopes: 3,
    Writer.who_is: 5,
    Writer.which_is: 5,
    Writer.before: 4,
    Writer.in_order_to: 4,
    Writer.both: 4,
}

# --- The finished sentence ----------------------------------------------------


def articles(text: str) -> str:
    """Writes "an" before a vowel."""
    return re.sub(r"\ba (?=[aeiou])", "an ", text)


def contract(text: str) -> str:
    """Joins Spanish words that must be joined, and writes "e" for "y" before an i."""
    text = re.sub(r"\b(a|de) el\b", lambda match: match[1][:2] + "l", text)
    return re.sub(r"\by (?=h?[ií](?!e))", "e ", text, flags=re.IGNORECASE)


def capital(text: str) -> str:
    return text[0].upper() + text[1:]


def finish(english: str, spanish: str, mark: str) -> tuple[str, list[str]]:
    """Returns the English sentence and its one or two translations."""
    opening = {"?": "¿", "!": "¡"}.get(mark, "")
    forms: dict[str, None] = {}
    for place in (1, 2):
        text = re.sub(r"{([^{}|]*)\|([^{}|]*)}", rf"\{place}", spanish)
        text = contract(" ".join(text.split()).replace(" ,", ","))
        forms[opening + capital(text) + mark] = None
    text = articles(" ".join(english.split()).replace(" ,", ","))
    return capital(text) + mark, list(forms)


SMALL = """the a to my your his her our their that and this these those with who in at
    on of is are was were for not i you he she we they it as very too""".split()


def repeats(english: str) -> bool:
    """Returns whether a sentence says the same word twice, which is often odd."""
    words = re.findall(r"[a-z]+", english.lower().replace("'s", "").replace("n't", ""))
    words = [word for word in words if word not in SMALL]
    return len(set(words)) < len(words) or "that that" in english


def make_pairs() -> str:
    """Returns the stand-in for the sentence pairs, the short ones first."""
    writer = Writer(seed=13)
    left = {"short": SHORT, "long": LONG}
    seen: set[str] = set()
    pairs: list[tuple[str, str]] = []
    while max(left.values()) > 0:
        english, translations = finish(*writer.sentence())
        words = len(english.split())
        kind = "short" if words <= 6 else "long"
        if (
            repeats(english)
            or english in seen
            or not 3 <= words <= 12
            or left[kind] <= 0
        ):
            continue
        seen.add(english)
        if len(translations) == 2 and not writer.chance(BOTH):
            translations = [translations[not writer.chance(FIRST_ONLY)]]
        pairs += [(english, spanish) for spanish in translations]
        left[kind] -= len(translations)
    pairs.sort(key=lambda pair: (len(pair[0]), *pair))
    return "".join(f"{english}\t{spanish}\n" for english, spanish in pairs)
