"""Makes the bundled stand-ins: small files that replace the real data offline.

The course uses real data. A stand-in is read only when there is neither an
instructor's copy nor a network. It keeps the format of the real file, and it is
made to teach the same lesson.

    python data/make_standins.py             writes the files beside this script
    python data/make_standins.py --to DIR    writes them to another folder

standin_corpus.txt  stands in for tiny Shakespeare. Invented villagers talk in
                    short scenes: a speaker's name and a colon, lines of at most
                    65 characters, an empty line. The text has what a language
                    model must learn: a/an, agreement across a clause, tense,
                    questions and answers, closed quotation marks, and a country
                    that decides a language some sentences later.
reviews.csv         stands in for labelled reviews. Columns: text, label
                    (1 positive, 0 negative), pair. The label follows one rule:
                    the main statement decides. After "but" or "however" it is
                    the last clause. Beside "although" or "even though" it is the
                    clause without that word, first or last. In a comparison it
                    is what is said of the product under review. Two rows with
                    the same pair number hold the same words in another order and
                    have opposite labels, so a bag-of-words model is right on
                    exactly one of the two. A split must keep a pair on one side.
standin_posts_*.csv stand in for the posts about COVID-19, in three parts. Columns:
                    id, tweet, label (real or fake). The towns are invented, and so
                    is the illness, "the grey cough". A fake post claims nonsense
                    that nobody can take for advice. Four posts in five are plain.
                    In one of ten, the post calls a claim true or untrue: untrue
                    nonsense is real, and an untrue fact is fake. In the rest two
                    voices disagree, and the last one decides; a bag-of-words model
                    can only guess there. Two labels in a hundred are wrong on
                    purpose, as in data that people labelled.
standin_names.txt   stands in for the first names, one per line, in no order. The
                    names are invented, in six styles of sound. What a letter can
                    be depends on more than its neighbours: a name keeps to one
                    set of vowels, this set decides the ending, and in one style
                    the first consonant comes back before the ending.

The film reviews, the word vectors and the analogy questions are made and described
in make_standin_films.py, the tagged sentences in make_standin_tags.py, the
English-Spanish pairs in make_standin_pairs.py, and the daily temperatures in
make_standin_series.py.

The rule of the scheme: one stand-in is one function without arguments that
returns the text of the file, or its bytes, and one entry in STANDINS. It uses a
fixed seed and the standard library only (the films: NumPy too), so every run gives
the same content. The files are committed; a test compares them with what this
script makes.

How to read the corpus grammar below. A line at the margin names a symbol; the
indented lines are its alternatives, each with an optional weight; a line indented
twice continues the one above. The first alternative is the plain one, taken when a
sentence is already deep. In brackets:

    [person p]      a word of the class `person` in the form `p` (plural)
    [vp s]          another symbol, with `s` in place of every $ inside it
    [thing s as x]  a word that can be repeated: [=x p] is the same noun in plural

Forms of a noun: s, p. Forms of a verb: base, s (she walks), p and 1 (they walk,
I walk), past, pasts and pastp (differ only for "was" and "were"), part, ing.
"""

import argparse
import csv
import io
import random
import re
import textwrap
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate
from pathlib import Path

from make_standin_films import STANDINS as FILMS
from make_standin_pairs import make_pairs
from make_standin_series import make_temperatures
from make_standin_tags import make_tagged

Word = dict[str, str]  # from the name of a form to its spelling

# --- Words of the corpus ------------------------------------------------------
# The earlier in its list, the more frequent. A slash gives irregular forms:
# loaf/loaves for a noun; give/gave/given, then if needed /giving, for a verb.
# An underscore is a space: look_after.

NOUNS = {
    "person": """
        miller farmer baker smith shepherd merchant woman/women man/men
        child/children stranger teacher doctor captain widow sailor traveller hunter
        weaver tailor mayor judge soldier singer cook carpenter fisherman/fishermen
        innkeeper servant neighbour boy girl priest gardener butcher thief/thieves
        guard poet student carter ferryman/ferrymen blacksmith potter tanner mason
        cobbler barber clerk scholar painter drummer piper fiddler beggar pedlar
        tinker brewer cooper thatcher glazier saddler wheelwright locksmith
        bell-ringer lamplighter gravedigger goatherd swineherd milkmaid dairymaid
        washerwoman/washerwomen seamstress/seamstresses spinner dyer draper grocer
        apothecary surgeon midwife/midwives nurse notary lawyer messenger
        postman/postmen watchman/watchmen gatekeeper beekeeper woodcutter
        charcoal-burner ploughman/ploughmen reaper gleaner shoemaker hatter glover
        goldsmith silversmith coppersmith bookbinder printer stonecutter
        quarryman/quarrymen miner bargeman/bargemen oarsman/oarsmen pilot
        helmsman/helmsmen shipwright sailmaker net-maker pirate smuggler poacher
        gamekeeper falconer groom coachman/coachmen steward butler housekeeper
        chambermaid page squire knight lord lady duke duchess/duchesses prince
        princess/princesses king queen governor bishop monk nun hermit pilgrim
        prophet juggler acrobat clown conjurer storyteller actor dancer harpist
        trumpeter guest host orphan bachelor bride bridegroom pupil apprentice
        craftsman/craftsmen labourer landlord tenant moneylender tax-collector
        sheriff prisoner jailer witness/witnesses rebel outlaw fugitive exile
        wanderer foreigner newcomer visitor passenger rider swimmer climber dreamer
        gambler liar scoundrel rascal fool giant dwarf/dwarves twin veteran captive
        champion rival astronomer alchemist philosopher historian librarian
        architect engineer surveyor inventor explorer mapmaker geographer ambassador
        magistrate alderman/aldermen councillor treasurer secretary accountant
        shopkeeper fishmonger greengrocer cheesemonger ironmonger chandler
        confectioner vintner cellarer kitchen-maid cowherd drover horse-dealer
        farrier ratcatcher chimney-sweep ragpicker""",
    "kin": """
        brother sister friend son daughter uncle aunt cousin nephew niece partner
        grandson granddaughter stepbrother stepsister half-brother half-sister
        godson goddaughter""",
    "elder": """
        mother father husband wife/wives grandmother grandfather godmother godfather
        stepmother stepfather mother-in-law/mothers-in-law""",
    "animal": """
        horse cow sheep/sheep dog cat goat hen goose/geese pig fox/foxes wolf/wolves
        donkey mule ox/oxen duck rabbit hare mouse/mice rat owl crow pigeon bear
        deer/deer lamb calf/calves pony ram ewe piglet kitten puppy hound swan heron
        hawk falcon eagle raven magpie robin sparrow swallow lark cuckoo
        thrush/thrushes blackbird jackdaw starling woodpecker nightingale peacock
        turkey rooster chick gosling duckling frog toad newt lizard snake adder
        hedgehog mole badger weasel stoat otter beaver squirrel bat salmon/salmon
        trout/trout pike/pike eel crab lobster snail beetle spider moth butterfly
        bee wasp hornet grasshopper cricket seal dolphin stallion mare foal bull
        heifer sow boar lynx/lynxes stag doe fawn partridge pheasant quail kestrel
        kingfisher seagull cormorant stork crane""",
    "thing": """
        key letter lantern basket knife/knives book rope ring bell cup bucket map
        candle hammer coin box/boxes clock cart wheel ladder barrel table chair drum
        flute fiddle net spade axe needle mirror lamp bottle plate bowl spoon chest
        blanket sack saddle bridle plough oar sail lock chain nail purse hat cloak
        boat flag parcel bundle broom kettle pot pan jug mug tray chisel saw plane
        pair_of_scissors/pairs_of_scissors anvil pitchfork rake hoe sickle scythe
        whip harness/harnesses horseshoe stirrup spinning-wheel loom thimble ribbon
        button buckle brooch/brooches bracelet necklace crown sceptre sword dagger
        shield helmet bow arrow quiver spear trumpet harp whistle horn pipe violin
        tambourine puppet doll kite spinning-top marble chessboard
        dice-box/dice-boxes playing-card feather quill inkpot scroll notebook
        almanac ledger newspaper portrait painting statue vase jar pitcher goblet
        tankard corkscrew funnel sieve ladle rolling-pin cradle stool bench/benches
        cupboard wardrobe mattress/mattresses pillow quilt carpet curtain tapestry
        candlestick lampshade tinderbox/tinderboxes walking-stick umbrella satchel
        suitcase trunk hourglass/hourglasses sundial compass/compasses telescope
        magnifying-glass/magnifying-glasses thermometer barometer anchor rudder mast
        canoe raft barge wagon sledge wheelbarrow stretcher birdcage beehive
        fishing-rod fish-hook mousetrap saucepan frying-pan teapot teacup saucer
        coffee-mill butter-churn grindstone millstone pulley crowbar screwdriver
        pincer spanner trowel paintbrush/paintbrushes brick tile plank beam shutter
        hinge doorknob padlock keyhole bolt latch/latches medal badge jewel pearl
        ruby emerald sapphire diamond token souvenir""",
    "wear": """
        coat hat shirt glove boot scarf/scarves apron dress/dresses shoe belt cloak
        cap shawl gown jacket waistcoat skirt blouse petticoat bonnet veil hood
        stocking slipper sandal mitten collar cuff sleeve cape robe tunic nightshirt
        raincoat""",
    "place": """
        mill bridge market village river harbour farm house church/churches inn barn
        road well field forest hill garden school tower square orchard stable castle
        shop wall gate kitchen lane cottage meadow stream pond valley tavern cellar
        bakery forge mountain lake beach/beaches cave quarry mine marsh/marshes moor
        heath wood spring waterfall island cliff bay ferry lighthouse shipyard
        warehouse storehouse granary dairy brewery tannery smithy workshop library
        hospital prison courthouse town-hall palace manor mansion cabin hut tent
        shed cowshed pigsty henhouse dovecote kennel graveyard chapel abbey
        monastery convent temple crossroads/crossroads footpath highway alley
        courtyard terrace balcony attic parlour pantry staircase corridor vineyard
        cornfield hayfield pasture hedge ditch/ditches ford weir dam canal fountain
        pier quay jetty customs-house watchtower gatehouse battlement dungeon
        theatre schoolroom ballroom fairground racecourse milestone boundary
        wilderness/wildernesses thicket glade clearing copse/copses ravine gorge
        summit ridge plateau plain swamp estuary shore riverbank""",
    "food": """
        apple loaf/loaves pie egg cake onion potato/potatoes pear cherry plum
        cabbage carrot turnip bean pea mushroom sausage pancake dumpling tart
        biscuit bun pudding walnut chestnut hazelnut almond peach/peaches apricot
        grape strawberry/strawberries raspberry blackberry gooseberry melon pumpkin
        cucumber radish/radishes leek lettuce beetroot parsnip tomato/tomatoes lemon
        orange fig date olive herring kipper oyster pasty muffin pretzel
        gingerbread-man/gingerbread-men omelette stew casserole sandwich/sandwiches""",
    "plant": """
        oak rose apple-tree willow pine elm birch/birches thistle daisy nettle fern
        bramble lily poppy tulip daffodil primrose bluebell violet foxglove marigold
        sunflower buttercup dandelion ivy-leaf/ivy-leaves beech/beeches ash-tree
        maple chestnut-tree hawthorn holly-bush/holly-bushes hazel alder poplar
        cedar yew juniper laurel plum-tree cherry-tree fig-tree vine
        rosebush/rosebushes water-lily bulrush/bulrushes reed hollyhock geranium
        lupin crocus/crocuses snowdrop cowslip clover-leaf/clover-leaves""",
    "event": """
        wedding harvest market-day storm feast fair dance funeral flood fire
        election race trial concert play christening battle journey quarrel
        election-day thunderstorm snowstorm drought earthquake eclipse siege strike
        auction banquet ceremony procession parade festival holiday birthday
        anniversary tournament lesson sermon meeting debate rehearsal performance
        shipwreck robbery""",
    "part": """
        hand eye heart head foot/feet ear knee shoulder finger back arm leg elbow
        nose thumb ankle wrist cheek chin tooth/teeth toe neck throat forehead
        eyebrow""",
}

MASS = {
    "meal": """
        bread soup cheese butter honey milk ham porridge fish bacon cream rice beef
        mutton venison jam mustard broth gravy toast gingerbread marmalade custard
        buttermilk garlic celery spinach parsley sugar pepper vinegar oatmeal""",
    "drink": """
        water wine beer tea cider milk ale coffee brandy cocoa lemonade mead rum
        broth ginger-beer apple-juice""",
    "stuff": """
        wood iron wool salt gold silver corn wheat hay stone leather silk cotton
        flour oil paper glass copper tin lead wax coal clay sand straw linen velvet
        barley oats rye timber marble charcoal tar brass bronze steel ivory lace
        felt canvas rope-yarn saffron cinnamon ginger pepper tobacco soap ink
        gunpowder amber""",
    "weather": """
        rain wind snow frost fog sunshine hail mist sleet thunder lightning ice
        drizzle dew""",
    "spirit": """
        love hope patience courage joy pride care anger sorrow fear laughter pity
        shame doubt trust envy respect enthusiasm confidence caution affection
        contempt delight despair devotion dignity disgust energy gratitude haste
        honesty humility impatience indifference interest jealousy malice mercy
        modesty pleasure regret relief suspicion sympathy wisdom wonder zeal""",
    "idea": """
        love truth time work hope fear money peace luck justice patience courage
        freedom wisdom sorrow anger pride friendship memory music silence sleep
        trouble honour beauty pity mercy hunger thirst youth age envy greed duty
        faith doubt shame guilt joy grief trust loyalty knowledge ignorance
        curiosity ambition jealousy poverty wealth fortune fame revenge glory danger
        safety comfort solitude company laughter conversation advice gossip slander
        flattery honesty charity hospitality gratitude obedience discipline
        experience skill talent reason imagination fashion progress tradition poetry
        mathematics geometry grammar history philosophy medicine astronomy
        arithmetic navigation architecture agriculture trade""",
}

VERBS = {
    "v-thing": """
        find/found/found take/took/taken carry see/saw/seen bring/brought/brought
        buy/bought/bought sell/sold/sold lose/lost/lost hide/hid/hidden mend
        keep/kept/kept break/broke/broken steal/stole/stolen hold/held/held borrow
        clean drop fetch paint count leave/left/left lift like
        open/opened/opened/opening move notice polish pull push repair
        throw/threw/thrown touch use wash weigh wrap admire bury catch/caught/caught
        choose/chose/chosen collect cover damage
        deliver/delivered/delivered/delivering describe
        discover/discovered/discovered/discovering drag examine exchange
        forget/forgot/forgotten/forgetting hang/hung/hung inspect invent load
        measure misplace order/ordered/ordered/ordering pack pawn pocket praise
        recognise remember/remembered/remembered/remembering remove rescue return
        ruin save scratch seize shake/shook/shaken share
        sharpen/sharpened/sharpened/sharpening shut/shut/shut/shutting smash store
        sweep_away/swept_away/swept_away tie/tied/tied/tying trade unlock unpack
        unwrap/unwrapped/unwrapped/unwrapping wipe lock_up
        put_away/put_away/put_away/putting_away throw_away/threw_away/thrown_away
        pick_up set_down/set_down/set_down/setting_down hand_over
        hammer/hammered/hammered/hammering oil varnish sketch draw/drew/drawn
        imitate decorate cherish treasure envy/envied/envied conceal donate auction
        purchase replace restore test""",
    "v-work": """
        mend carry wash clean hide/hid/hidden sell/sold/sold paint count fetch wrap
        polish repair bury pack collect examine measure weigh
        sharpen/sharpened/sharpened/sharpening decorate draw/drew/drawn
        steal/stole/stolen borrow lift push drag oil scratch inspect describe admire""",
    "v-aid": """
        help watch follow teach/taught/taught visit/visited/visited/visiting thank
        greet feed/fed/fed warn praise scold comfort protect cheat tease encourage
        flatter/flattered/flattered/flattering chase guard serve nurse escort
        welcome wait_for look_for listen_to/listened_to/listened_to/listening_to
        quarrel_with/quarrelled_with/quarrelled_with/quarrelling_with laugh_at
        talk_about""",
    "v-person": """
        know/knew/known see/saw/seen meet/met/met/meeting help love thank follow
        trust hear/heard/heard watch find/found/found teach/taught/taught warn blame
        forgive/forgave/forgiven visit/visited/visited/visiting fear marry
        pay/paid/paid pity praise remember/remembered/remembered/remembering miss
        greet serve answer/answered/answered/answering hate leave/left/left guard
        obey cheat comfort scold feed/fed/fed hire admire respect protect deceive
        betray insult flatter/flattered/flattered/flattering accuse
        pardon/pardoned/pardoned/pardoning console encourage welcome invite dismiss
        avoid ignore mock tease annoy frighten/frightened/frightened/frightening
        surprise disappoint please offend embarrass amuse astonish confuse persuade
        convince interrupt contradict question punish reward rescue arrest release
        banish chase beat/beat/beaten fight/fought/fought defeat challenge
        overtake/overtook/overtaken recognise forget/forgot/forgotten/forgetting
        mistrust understand/understood/understood look_after look_for laugh_at
        wait_for listen_to/listened_to/listened_to/listening_to
        speak_to/spoke_to/spoken_to talk_about
        quarrel_with/quarrelled_with/quarrelled_with/quarrelling_with argue_with
        agree_with/agreed_with/agreed_with/agreeing_with dance_with work_for
        care_for send_for/sent_for/sent_for call_for smile_at shout_at stare_at
        wave_to bow_to kneel_before/knelt_before/knelt_before walk_past
        run_after/ran_after/run_after/running_after hide_from/hid_from/hidden_from
        accompany adore assist bore bribe cure defend despise envy escort hug kiss
        nurse outwit/outwitted/outwitted/outwitting rob
        summon/summoned/summoned/summoning tolerate
        worship/worshipped/worshipped/worshipping""",
    "v-move": """
        go/went/gone walk come/came/come run/ran/run/running ride/rode/ridden hurry
        return travel/travelled/travelled/travelling march climb sail
        drive/drove/driven wander/wandered/wandered/wandering row creep/crept/crept
        race limp stroll stagger/staggered/staggered/staggering
        gallop/galloped/galloped/galloping crawl journey flee/fled/fled trudge sneak
        dash hasten/hastened/hastened/hastening stumble tiptoe
        swim/swam/swum/swimming march_back come_back/came_back/come_back
        go_back/went_back/gone_back ride_down/rode_down/ridden_down
        run_back/ran_back/run_back/running_back""",
    "v-rest": """
        sleep/slept/slept wait work sing/sang/sung laugh dance speak/spoke/spoken
        listen/listened/listened/listening rest talk weep/wept/wept smile pray
        whistle sit/sat/sat/sitting stand/stood/stood think/thought/thought dream
        wake_up/woke_up/woken_up complain argue
        quarrel/quarrelled/quarrelled/quarrelling cough sneeze snore yawn sigh groan
        whisper/whispered/whispered/whispering shout cry mumble
        mutter/muttered/muttered/muttering stammer/stammered/stammered/stammering
        tremble shiver/shivered/shivered/shivering blush frown nod kneel/knelt/knelt
        bow hum chatter/chattered/chattered/chattering
        gossip/gossiped/gossiped/gossiping boast joke swear/swore/sworn hesitate
        suffer/suffered/suffered/suffering struggle labour toil dig/dug/dug/digging
        plough knit/knitted/knitted/knitting sew/sewed/sewn spin/spun/spun/spinning
        weave/wove/woven bake cook paint read/read/read write/wrote/written study
        practise rehearse bargain/bargained/bargained/bargaining gamble celebrate
        mourn starve shout_back/shouted_back/shouted_back apologise protest nap
        linger/lingered/lingered/lingering""",
    "v-food": """
        eat/ate/eaten cook taste bake share enjoy/enjoyed/enjoyed slice serve burn
        order/ordered/ordered/ordering devour chew swallow
        season/seasoned/seasoned/seasoning boil roast fry nibble peel chop refuse
        smell/smelt/smelt""",
    "v-make": """
        build/built/built visit/visited/visited/visiting leave/left/left paint love
        guard buy/bought/bought sell/sold/sold see/saw/seen sweep/swept/swept clean
        repair search enter/entered/entered/entering cross reach rent
        inherit/inherited/inherited/inheriting rebuild/rebuilt/rebuilt design
        describe draw/drew/drawn explore inspect
        abandon/abandoned/abandoned/abandoning avoid admire neglect protect restore
        decorate measure survey/surveyed/surveyed
        remember/remembered/remembered/remembering""",
    "v-tend": """
        feed/fed/fed count wash sell/sold/sold buy/bought/bought watch chase
        lose/lost/lost find/found/found catch/caught/caught hear/heard/heard fear
        hunt follow tame train brush frighten/frightened/frightened/frightening
        protect rescue shelter/sheltered/sheltered/sheltering breed/bred/bred
        drive_home/drove_home/driven_home""",
    "v-give": """
        give/gave/given send/sent/sent show/showed/shown bring/brought/brought
        sell/sold/sold lend/lent/lent offer/offered/offered/offering promise hand
        leave/left/left buy/bought/bought fetch throw/threw/thrown""",
    "v-say": """
        say/said/said think/thought/thought believe know/knew/known hear/heard/heard
        hope fear swear/swore/sworn remember/remembered/remembered/remembering
        suppose claim dream/dreamt/dreamt forget/forgot/forgotten/forgetting doubt
        feel/felt/felt notice discover/discovered/discovered/discovering promise
        guess pretend suspect deny admit/admitted/admitted/admitting explain declare
        imagine realise announce insist confess prove
        regret/regretted/regretted/regretting""",
    "v-start": """
        try want begin/began/begun/beginning hope learn refuse promise
        agree/agreed/agreed/agreeing need plan forget/forgot/forgotten/forgetting
        decide prefer/preferred/preferred/preferring offer/offered/offered/offering
        hesitate expect intend threaten/threatened/threatened/threatening long dare
        manage fail continue""",
    "v-mind": """
        love/loved/loved seek/sought/sought want need trust find/found/found
        lose/lost/lost understand/understood/understood praise deserve hate fear
        speak_of/spoke_of/spoken_of think_of/thought_of/thought_of
        sing_of/sang_of/sung_of study preach value despise
        prefer/preferred/preferred/preferring discuss dream_of/dreamt_of/dreamt_of
        forget/forgot/forgotten/forgetting complain_of desire enjoy/enjoyed/enjoyed
        ask_for lack choose/chose/chosen""",
    "v-beast": """
        sleep/slept/slept run_away/ran_away/run_away/running_away hide/hid/hidden
        wait eat/ate/eaten drink/drank/drunk cry jump rest play escape return sneeze
        bite/bit/bitten scratch howl sniff tremble
        wander/wandered/wandered/wandering vanish shiver/shivered/shivered/shivering
        limp graze hunt disappear/disappeared/disappeared/disappearing breathe stare
        stir snore growl roam leap/leapt/leapt""",
    "v-break": """
        fall/fell/fallen break/broke/broken
        disappear/disappeared/disappeared/disappearing vanish burn move
        shine/shone/shone shake/shook/shaken crack rattle creak rust slip
        sink/sank/sunk tumble roll bend/bent/bent tremble melt crumble
        split/split/split/splitting glitter/glittered/glittered/glittering fade
        wobble smoulder/smouldered/smouldered/smouldering""",
    "v-weather": """
        come/came/come stop begin/began/begun/beginning return last fall/fell/fallen
        arrive end vanish pass continue weaken/weakened/weakened/weakening
        worsen/worsened/worsened/worsening approach""",
    "v-grow": """
        grow/grew/grown bloom die/died/died/dying bend/bent/bent
        wither/withered/withered/withering flower/flowered/flowered/flowering
        shiver/shivered/shivered/shivering stand/stood/stood sway flourish fade
        spread/spread/spread sprout rot lean""",
    "v-trade": "trade exchange sell/sold/sold give/gave/given",
    "v-drink": "drink/drank/drunk pour taste spill/spilt/spilt refuse share praise",
    "v-play": "play practise hear/heard/heard learn teach/taught/taught love",
}

ADJECTIVES = {
    "adj-person": """
        old young poor honest good kind rich wise proud foolish tall brave quiet
        clever gentle strange cruel lazy merry stubborn cheerful greedy patient rude
        careless polite clumsy humble jealous handsome ugly stout thin pale
        grey-haired red-haired bald bearded freckled barefoot ragged elegant noble
        modest vain generous mean selfish loyal faithful treacherous sly cunning
        crafty dishonest wicked gloomy bitter sullen nervous timid shy bold fearless
        reckless cautious careful sensible silly absurd ridiculous solemn grave
        serious playful mischievous naughty obedient impatient talkative silent
        thoughtful forgetful absent-minded curious learned ignorant famous unknown
        mysterious lonely homeless penniless wealthy thrifty hard-working idle
        drowsy sleepy hungry thirsty weary wounded crippled blind deaf lame sickly
        healthy sturdy nimble graceful awkward hot-tempered good-natured
        short-sighted soft-hearted hard-hearted quick-witted well-dressed sunburnt
        long-legged broad-shouldered one-eyed left-handed unlucky unhappy unkind
        ungrateful unfriendly untidy unmarried unfortunate respectable eccentric
        ambitious pious superstitious""",
    "adj-thing": """
        old new small heavy broken golden little beautiful wooden rusty strange
        empty silver large dusty cheap plain long fine precious useful useless sharp
        blunt narrow round square hollow bright dirty clean shiny worn torn cracked
        crooked battered ancient modern rare common curious ordinary splendid
        magnificent simple delicate fragile solid sturdy clumsy light bulky tiny
        huge enormous ugly pretty elegant expensive worthless priceless valuable
        genuine false stolen forgotten hidden missing borrowed unfinished homemade
        foreign painted carved gilded polished embroidered striped spotted patched
        scratched dented bent twisted tangled iron copper brass leather woollen
        silken velvet oaken ivory greasy sticky slippery damp mouldy charred
        blackened faded yellowing moth-eaten well-made second-hand half-finished
        three-legged double-edged long-handled unbreakable""",
    "adj-place": """
        old quiet dark empty narrow great cold busy lonely green new distant
        peaceful dusty crowded noisy muddy deep steep sunny shady ruined deserted
        abandoned famous holy haunted hidden forbidden dangerous safe pleasant
        gloomy misty windy stony rocky sandy wooded overgrown bare barren fertile
        flooded frozen snow-covered moonlit torchlit candlelit whitewashed crumbling
        half-built ivy-covered spacious cramped draughty smoky tidy untidy cheerful
        solitary remote neighbouring ancient medieval public private winding sloping
        sheltered tranquil""",
    "adj-food": """
        fresh sweet hot ripe stale sour warm rotten delicious bitter salty cold
        tasty burnt juicy tender tough crisp dry soft spicy plain mouldy creamy
        greasy half-eaten home-baked smoked pickled sugared roasted tasteless
        fragrant""",
    "adj-beast": """
        black white old hungry wild young grey little brown fat lame tame thin
        spotted fierce sleepy gentle stubborn noisy clever frightened lost injured
        stray playful savage cunning swift timid shaggy bony long-eared one-eyed
        sharp-toothed speckled striped tiny enormous motherless nervous lazy""",
    "adj-state": """
        glad sorry tired afraid ready late happy sick angry alone hungry sure asleep
        drunk sad ashamed busy early anxious worried content lost thirsty awake cold
        wet surprised disappointed grateful homesick bored confused delighted
        exhausted furious guilty hopeful innocent jealous lonely miserable puzzled
        relieved restless satisfied speechless thankful uneasy upset unwell
        unprepared unashamed unafraid doubtful suspicious breathless""",
    "adj-true": """
        true clear strange certain known likely possible sad good odd well-known
        obvious unlikely probable curious wonderful terrible doubtful plain
        remarkable unfortunate regrettable undeniable""",
    "adj-weather": """
        cold heavy bitter sudden gentle dark fierce early late terrible thick light
        steady icy endless unexpected sharp freezing treacherous""",
    "colour": """
        red blue green white black brown grey yellow scarlet crimson purple golden
        silver pink orange violet turquoise""",
}

# Each of these gives an adverb: -ly.
MANNER = """
    quiet slow quick secret careful loud happy soft sad sudden patient gentle
    bitter kind brave eager calm angry polite proud foolish wise honest warm cold
    cheerful merry lazy greedy clumsy graceful serious silent solemn nervous anxious
    awkward bold cautious desperate faithful fierce generous gloomy grateful heavy
    humble hopeful hopeless idle innocent jealous joyful mysterious noisy obedient
    playful reckless reluctant rude selfish skilful sleepy stubborn suspicious swift
    tender thoughtful timid useless vain weary willing wild wretched miserable
    frantic peaceful steady stiff hasty hungry guilty dreamy sincere""".split()

# Each of these gives an idea, and a spirit to act in: -ness.
QUALITIES = """
    kind gentle happy sad good foolish bitter cold rude greedy lonely stubborn lazy
    careless selfish weak sick dark bright polite forgetful thoughtful cheerful clumsy
    bold humble idle wicked thankful restless tired quick sharp blind mean tender
    sober mad homesick fearless faithful untidy unfriendly ugly""".split()

# Each of these gives two words for a person: hopeful and hopeless.
ROOTS = "hope care joy fear thought merci harm power thank shame tact".split()

# Compounds: mill-door, basket-maker.
SITES = """
    mill barn church stable farm tavern cottage castle school manor chapel tower prison
    palace brewery abbey bakery inn kitchen""".split()
FIXTURES = "door gate wall yard path roof porch entrance".split()
GOODS = """
    basket candle rope clock barrel bell net boot glove lace lamp saddle wheel cheese
    flute ribbon hat drum broom button needle bottle""".split()
TRADES = "maker seller mender".split()

WOMEN = """
    Agnes Beatrice Clara Dora Edith Flora Greta Hilda Ida Judith Kate Lucy Martha Nell
    Olive Polly Queenie Rose Susan Tilda Ursula Violet Winifred Xenia Yvonne Zelda
    Abigail Bertha Cecily Dorothy Eleanor Frances Gertrude Harriet Isabel Joan Katherine
    Lavinia Margery Nora Ottilie Prudence Rosalind Sybil Thea Una Verity Wilma
    Matilda Hester""".split()
MEN = """
    Adam Barnaby Conrad Daniel Edmund Felix Gregory Hugo Isaac Jonas Kaspar Leo Martin
    Noah Oliver Peter Quentin Ralph Simon Tobias Ulric Victor Walter Xavier Yorick
    Zachary Ambrose Bruno Clement Dunstan Elias Fergus Godfrey Humphrey Ivo Jasper
    Kenneth Laurence Matthew Nathan Oswald Piers Rupert Silas Timothy Valentine Wilfred
    Benedict Crispin Ezra""".split()
TITLES = {"Mother": WOMEN, "Widow": WOMEN, "Captain": MEN, "Doctor": MEN, "Old": MEN}

TOWNS = """
    Millbrook Ashford-under-Hill Oakham Ravensmoor Stonebridge Thornwick Fernhollow
    Goosewater Harrowgate-on-Sea Kingsferry Larkfield Elmstead Nettlecombe Otterpool
    Pennywell Quarrendon Saltmouth Underwood Vinehall Wolfscombe Yarrowdale Zealby
    Dunmere Birchley Cowslip_Green Juniper_Cross Icklebury""".split()

# name, language, food of the country, size
LANDS = [
    line.split()
    for line in """
    France French French large
    Iran Persian Iranian large
    Italy Italian Italian long
    Wales Welsh Welsh small
    Spain Spanish Spanish large
    Greece Greek Greek small
    Japan Japanese Japanese long
    Poland Polish Polish large
    Portugal Portuguese Portuguese small
    Turkey Turkish Turkish large
    China Chinese Chinese large
    Russia Russian Russian large
    Germany German German large
    Sweden Swedish Swedish large
    Norway Norwegian Norwegian long
    Denmark Danish Danish small
    Finland Finnish Finnish large
    Iceland Icelandic Icelandic small
    Hungary Hungarian Hungarian small
    Ukraine Ukrainian Ukrainian large
    Bulgaria Bulgarian Bulgarian small
    Romania Romanian Romanian large
    Thailand Thai Thai large
    Korea Korean Korean small
    Vietnam Vietnamese Vietnamese long
    Armenia Armenian Armenian small
    Albania Albanian Albanian small
    Egypt Arabic Egyptian large
    Morocco Arabic Moroccan large
    Mexico Spanish Mexican large
    Peru Spanish Peruvian large
    Brazil Portuguese Brazilian large
    Mongolia Mongolian Mongolian large
    Estonia Estonian Estonian small""".strip().splitlines()
]

UNITS = """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen""".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()

OTHER = {
    "day": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "month": """
        January February March April May June July August September October November
        December""",
    "season": "spring summer autumn winter",
    "span": "hour/hours day/days week/weeks month/months year/years night/nights",
}

AUXILIARIES: dict[str, Word] = {
    "be": dict(
        base="be", s="is", p="are", pasts="was", pastp="were", part="been", ing="being"
    )
    | {"1": "am"},
    "have": dict(s="has", p="have", pasts="had", pastp="had") | {"1": "have"},
    "do": dict(s="does", p="do", pasts="did", pastp="did") | {"1": "do"},
}

# --- Grammar of the corpus ----------------------------------------------------
# [you] becomes the name of the person spoken to; " / " hands over to that person.

GRAMMAR_TEXT = """
exchange
    26 [speech] / [speech]
    8 [speech] / [speech] / [speech]
    9 [yesno]? / [answer]. [speech]
    3 [question]? / [speech]
    3 Where did you [v-thing base as v] the [thing s as x]? / I [=v past] it
        [where]. [speech]
    2 Who [v-thing past as v] the [adj-thing as a] [thing s as x]? / [person-of s]
        [=v past] it, I think. / Then the [=x s] is not where I left it. [sentence]
    2 Have you seen [who name as w]? / Yes. [=w he] [v-move past] to [place-np]
        [when past]. [speech] / [sentence]
    2 Did you [v-tend base as v] the [animal p as a]? / No, I did not [=v base]
        them. [sentence] / Then who [=v past] the [=a p]? [sentence]
    2 How many [animal p as a] do you have? / I have [number] [=a p], [you], and
        every one of them is [adj-beast]. [speech]
    1 How many [thing p as x] are there at the [place s]? / There are [number]
        [=x p] and one [thing s]. [sentence]
    2 Do you speak [land tongue as c]? / Of course I speak [=c tongue]. I was born
        in [=c name]. [sentence] / And do you still cook [=c food] food? / I do,
        [when now]. [sentence]
    1 Where are you from, [you]? / I am from [land name as c]. [sentence] [sentence]
        In my country we speak [=c tongue]. / I have never been to [=c name].
        [sentence]
    2 Why did [who name as w] [v-person base as v] the [person s as q]? / Because
        the [=q s] [v-person past] [=w him], and [=w he] could not forget it.
        [sentence]
    2 Is the [place s as x] still [adj-place as a]? / It is as [=a] as it ever was.
        [sentence]
    2 Is the [place s as x] still [adj-place as a]? / No, [you], it is [adj-place]
        now. [speech]
    2 What is the price of this [thing s as x]? / The [=x s] costs [number as n]
        coins. / [=n] coins for one [=x s]! [sentence]
    2 May I [v-thing base as v] your [thing s as x]? / You may [=v base] the [=x s]
        if [clause now]. / [thanks], [you]. [sentence]
    2 Which do you prefer, the [thing s as x] or the [thing s as y]? / I prefer the
        [=x s]. The [=y s] is too [adj-thing].
    1 Which do you prefer, the [food p as x] or the [food p as y]? / I prefer the
        [=y p], because they are always [tasty].
    2 What did the [person s as q] say? / The [=q s] said, "^[quoted]" / Was that
        all the [=q s] said? [sentence]
    2 When will [who name as w] [v-move base as v] to the [place s as x]? / [=w he]
        will not [=v base] to the [=x s] before [day]. [sentence]
    2 Are the [person p as q] [adj-state as a]? / They are not [=a]; they are
        [adj-state]. [speech]
    1 Will you marry me, [you]? / Ask me again when [clause now]. / [sentence]
    1 Tell me a riddle. / What is as [adj-thing] as a [thing s], and as [adj-beast]
        as a [animal s as a], and never [v-beast s]? / I do not know. Is it a
        [=a s]? / No, it is [idea]!
    1 Good morning, [you]. [sentence] / Good morning. [speech]
    1 Good evening, [you]. Is [person-of s] at home? / Not yet. [sentence]
    1 Do you know who built the [place s as x]? / The [person p as q] built it
        [number] years ago. / And are the [=q p] still alive? / Only one of them is.
        [sentence]
    1 Listen! What was that? / It was only the [animal s as a]. / Are you sure? The
        [=a p] in this village never [v-beast p]. [sentence]

speech
    7 [sentence]
    9 [sentence] [sentence]
    6 [sentence] [sentence] [sentence]
    3 [sentence] [sentence] [sentence] [sentence]
    2 [sentence] [sentence] [sentence] [sentence] [sentence] [sentence]

sentence
    24 [statement].
    5 [question]?
    3 [exclaim]!
    3 [command].
    2 [report]
    2 [proverb].
    1 [farland]
    1 [statement]; [statement].
    1 [likeness].

answer
    3 yes, [you], [clause now]
    3 no, [clause past]
    perhaps [clause now]
    of course [clause now]
    I [do 1] not know whether [clause past]

statement
    9 [clause past]
    6 [clause now]
    4 [clause will]
    4 [opener], [clause past]
    3 [opener], [clause now]
    3 [when past], [clause past]
    2 [when now], [clause now]
    2 [clause past], but [clause past]
    2 [clause past], and [clause past]
    1 [clause past], so [clause past]
    2 [clause past] because [clause past]
    1 [clause now] because [clause past]
    2 when [clause past], [clause past]
    1 while [person-of s] [be pasts] [vp ing], [clause past]
    1 before [person-of s] [vp pasts], [clause past]
    1 after [person-of p] [vp pastp], [clause past]
    2 if [clause now], [clause will]
    1 unless [clause now], [clause will]
    2 although [clause past], [clause now]
    1 whenever [person-of s] [vp s], [person-of s] [vp s]
    2 it is [adj-true] that [clause past]
    1 it seems that [clause now]
    2 nobody [v-say s] that [clause past]
    2 we [v-say p] that [clause now]
    2 I [v-say past] that [clause past]
    1 either [clause will], or [clause will]
    1 not only [do pasts] [person-of s] [vp base], but [person-of s] [vp pasts]
    1 since [day], [person-of s] [have s] [vp part]
    1 the more [person-of s] [vp s], the more [person-of s] [vp s]

clause now
    4 [person-of s] [vp s]
    3 [person-of p] [vp p]
    3 I [vp 1]
    2 we [vp p]
    2 you [vp p]
    2 [person-of s] [do s] not [vp base]
    1 neither of the [person p] [vp s]
    1 [person-of s] [v-person s] me
    1 [person-of p] [v-person p] us
    1 [person-of p] [do p] not [vp base]
    1 I [do 1] not [vp base]
    2 [person-of s] [often] [vp s]
    2 [person-of s] [be s] [vp ing]
    1 [person-of p] [be p] [vp ing]
    1 [person-of s] [have s] [never] [vp part]
    1 [person-of p] [have p] [never] [vp part]
    1 I [have 1] [never] [vp part]
    2 [person-of s] [must] [vp base]
    1 you [must] [vp base]
    2 [person-of s] [be s] [adj-state]
    3 [thing-of s] [be s] [still] [adj-thing]
    2 [thing-of p] [be p] [still] [adj-thing]
    3 [place-of s] [be s] [still] [adj-place]
    2 [place-of p] [be p] [still] [adj-place]
    1 the [place p] of the [person s] [be p] [still] [adj-place]
    1 the [place s] of the [person p] [be s] [still] [adj-place]
    1 the [thing p] that the [person s] [v-thing past] [be p] [adj-thing]
    1 the [thing s] that the [person p] [v-thing past] [be s] [adj-thing]
    2 [beast-of s] [v-beast s]
    2 [beast-of p] [v-beast p]
    1 [beast-of p] [be p] [still] [adj-beast]
    1 the [food p] at the [place s] [be p] [still] [adj-food]
    1 [meal-np] [be s] [still] [adj-food]
    2 there [be s] a [adj-thing] [thing s] [where]
    1 there [be p] [number] [animal p] [where]
    2 there [be s] no [spirit] in [place-np]
    1 [idea] [be s] [better] than [idea]
    1 the [plant p] near the [place s] [v-grow p]
    1 the [part s] of the [person s] [v-ache s]
    1 my [part p] [v-ache p]
    1 the [weather] [v-weather s]

clause past
    5 [person-of s] [vp pasts]
    4 [person-of p] [vp pastp]
    3 I [vp pasts]
    2 we [vp pastp]
    1 you [vp pastp]
    2 [person-of s] [be pasts] [adj-state]
    1 [person-of p] [be pastp] [adj-state]
    1 I [be pasts] [adj-state]
    1 we [be pastp] [adj-state]
    1 [person-of s] [v-person pasts] me
    1 [person-of p] [v-person pastp] us
    1 [person-of s] [v-give pasts] me [thing-np]
    2 [person-of s] did not [vp base]
    1 nobody [vp pasts]
    2 [person-of s] could not [vp base]
    1 I had [never] [vp part]
    1 [person-of p] had [never] [vp part]
    1 [person-of s] [be pasts] [vp ing]
    1 [person-of p] [be pastp] [vp ing]
    2 [thing-of s] [v-break pasts] [where]
    1 [thing-of p] [v-break pastp]
    1 [thing-of s] [be pasts] [v-thing part] by [person-np]
    1 [thing-of p] [be pastp] [v-thing part] by [person-np]
    2 [place-of s] [be pasts] [adj-place]
    2 [place-of p] [be pastp] [adj-place]
    1 [place-of p] [be pastp] [v-make part] by the [person p]
    2 [beast-of s] [v-beast pasts] [where]
    2 [beast-of p] [v-beast pastp]
    1 the [adj-weather] [weather] [v-weather past] after the [event s]
    1 the [event s] [be pasts] [adj-weather]
    1 the [plant s] by the [place s] [v-grow past]
    1 [person-of s] asked [person-np] for [stuff]
    1 there [be pasts] a [event s] in [town]
    1 there [be pastp] [number] [person p] at the [event s]

clause will
    4 [person-of s] will [vp base]
    3 I will [vp base]
    3 we will [vp base]
    2 [person-of p] will never [vp base]
    1 you will [vp base]
    1 nobody will [vp base]
    1 [person-of s] will be [adj-state]
    1 [thing-of s] will [v-break base]
    1 [thing-of p] will be [v-thing part]
    1 the [weather] will [v-weather base]
    1 there will be [spirit] in [place-np]

vp
    7 [v-thing $] [thing-np]
    3 [v-thing $] [wear-np]
    6 [v-person $] [person-np]
    5 [v-move $] to [place-np]
    5 [v-rest $] [how]
    3 [v-rest $] [where]
    2 [v-food $] [food-np]
    1 [v-food $] [meal-np]
    2 [v-give $] [person-np] [thing-np]
    3 [v-make $] [place-np]
    2 [v-say $] that [clause past]
    2 [v-mind $] [idea]
    2 [v-start $] to [vp base]
    2 [v-tend $] the [animal p]
    1 [v-tend $] [beast-of s]
    1 [v-thing $] [number] [thing p]
    1 [v-move $] from [place-np] to [place-np]
    1 [v-rest $] and [v-rest $] [when-long]
    1 [v-thing $] [thing-np] and [v-thing $] it [slowly]
    1 [v-give $] [person-np] [number] [coins] for [thing-np]
    1 [v-trade $] [stuff] for [stuff]
    1 [v-drink $] [drink]
    1 [v-rest $] with [person-np]
    1 [v-play $] the [tune]

v-ache s
    hurts
    trembles
    aches
v-ache p
    hurt
    ache
    are cold
    are not what they were

vp ing
    6 [v-work ing] [thing-np]
    2 [v-work ing] [wear-np]
    5 [v-aid ing] [person-np]
    5 [v-move ing] to [place-np]
    4 [v-rest ing] [how]
    3 [v-rest ing] [where]
    2 trying to [vp base]
    2 looking for [thing-np]
    2 looking for [beast-of s]
    1 [v-trade ing] [stuff] for [stuff]
    1 [v-drink ing] [drink]
    1 [v-play ing] the [tune]
    1 [v-give ing] [person-np] [thing-np]

tune
    fiddle
    flute
    drum
    harp
    violin
    trumpet
    pipe

person-np
    3 [person-of s]
    1 [person-of p]

person-of s
    8 the [person s]
    5 [who name]
    4 the [adj-person] [person s]
    2 my [kin s]
    2 my [elder s]
    2 a [adj-person] [person s]
    1 your [kin s]
    1 my [adj-person] [kin s]
    1 the [person s] of [town]
    1 the [person s]'s [kin s]
    1 the [person s]'s [elder s]
    1 [who name] the [person s]
    1 the [person s] who [v-person past] [person-np]
    1 the [person s] who [v-thing past] the [thing p]
    1 the [person s] whom the [person p] [v-person past]
    1 one of the [person p]
    1 every [person s] in [town]
    1 the [kin s] of the [person p]
    1 the [person s] with the [colour] [wear s]
    1 the [trader s]
    1 the [rooted] [person s]

person-of p
    6 the [person p]
    4 the [adj-person] [person p]
    2 [woman name] and [man name]
    2 [number] [person p]
    2 my [kin p]
    1 the [person p] of [town]
    1 the [person p] and the [person p]
    1 the [person p] who [v-person past] [person-np]
    1 the [person p] whom the [person s] [v-person past]
    1 the [kin p] of the [person s]
    1 most of the [person p]
    1 all the [person p] in [town]
    1 the [trader p]
    1 some [adj-person] [person p]

thing-np
    5 [thing-of s]
    2 [thing-of p]

thing-of s
    6 the [thing s]
    5 the [adj-thing] [thing s]
    2 a [adj-thing] [thing s]
    2 my [thing s]
    1 your [adj-thing] [thing s]
    2 the [person s]'s [thing s]
    2 the [thing s] that the [person s] [v-thing past]
    2 the [thing s] that the [person p] [v-thing past]
    1 the [thing s] from the [place s]
    1 the [colour] [thing s]
    1 this [thing s]
    1 the [thing s] under the [adj-thing] [thing s]
    1 [who name]'s [adj-thing] [thing s]

thing-of p
    4 the [thing p]
    3 the [adj-thing] [thing p]
    2 those [thing p]
    1 my [thing p]
    2 the [person s]'s [thing p]
    2 the [thing p] that the [person s] [v-thing past]
    2 the [thing p] beside the [adj-thing] [thing s]
    1 [number] [adj-thing] [thing p]
    1 the [thing p] and the [thing p]

wear-np
    2 the [adj-thing] [wear s]
    a [colour] [wear s]
    the [person s]'s [wear p]
    her [wear p]
    [number] [colour] [wear p]
    his [adj-thing] [wear s]

place-np
    5 [place-of s]
    1 [place-of p]
    1 [town]

place-of s
    7 the [place s]
    4 the [adj-place] [place s]
    2 the [site s]
    1 the [person s]'s [place s]
    1 the [place s] behind the [place s]
    1 the [place s] in [town]
    1 the [place s] that the [person p] [v-make past]
    1 the [place s] where the [person p] [v-rest past]
    1 our [place s]
    1 the [place s] of the [person p]

place-of p
    3 the [place p]
    2 the [place p] of [town]
    2 the [place p] that the [person s] [v-make past]
    2 the [adj-place] [place p]
    1 the [site p]
    1 the [place p] near the [place s]

beast-of s
    4 the [animal s]
    3 the [adj-beast] [animal s]
    1 the [person s]'s [animal s]
    1 the [animal s] at the [place s]
    1 a [adj-beast] [animal s]
    1 one of the [animal p]

beast-of p
    4 the [animal p]
    3 the [adj-beast] [animal p]
    1 the [person s]'s [animal p]
    1 the [animal p] that the [person s] [v-tend past]
    1 [number] [adj-beast] [animal p]

food-np
    3 the [food p]
    3 a [adj-food] [food s]
    1 [number] [food p]
    1 the [person s]'s [food p]

meal-np
    2 the [meal]
    the [adj-food] [meal]
    the [meal] and the [meal]
    the [person s]'s [meal]

where
    4 at the [place s]
    3 near the [place s]
    2 behind the [site s]
    2 under the [adj-thing] [thing s]
    2 at the [place s]
    1 beside the [plant s]
    1 in [town]
    1 on the road to [town]
    1 between the [place s] and the [place s]
    1 beyond the [adj-place] [place s]

how
    8 [slowly]
    3 with [spirit]
    2 like a [animal s]
    2 without [spirit]
    2 all night
    1 too [slowly]
    1 as [slowly] as a [person s]
    3 [when-long]

when-long
    3 all day
    2 for [number] [span p]
    2 from [day] to [day]
    1 until dawn
    1 during the [event s]
    1 until the end of the [event s]

when past
    4 yesterday
    3 last [season]
    3 on [day]
    2 [number] [span p] ago
    2 at dawn
    2 in [month]
    2 before the [event s]
    2 after the [event s]
    1 during the [adj-weather] [weather]
    1 one [day] in [month]
    1 the night before last

when now
    3 every [day]
    3 in the [season]
    2 on [day]
    2 at night
    1 after every [event s]
    1 now and then
    1 these days

often
    4 always
    4 often
    4 never
    2 sometimes
    2 still
    1 seldom
    1 hardly ever
    1 usually

never
    4 never
    2 already
    2 often
    1 not yet

must
    3 must
    3 should
    2 can
    2 may
    1 cannot
    1 must not
    1 ought to

still
    4 still
    3 not
    2 always
    2 no longer
    1 already
    1 now
    1 never

better
    2 better
    1 worse
    1 stronger
    1 older
    1 sweeter
    1 rarer
    1 cheaper

coins
    4 coins
    2 pieces of silver
    1 sacks of [stuff]
    1 barrels of [drink]
    1 pieces of gold

opener
    4 well
    3 [you]
    3 truly
    2 indeed
    2 and yet
    2 besides
    2 still
    1 good [you]
    1 my friend
    1 to tell the truth
    1 between you and me
    1 on the other hand
    1 as you know
    1 in my opinion
    1 by the way
    1 as my [elder s] used to say
    1 sooner or later

thanks
    2 thank you
    I thank you
    many thanks
    you are very kind
    I shall not forget it

tasty
    2 fresh
    2 sweet
    warm
    crisp
    juicy
    delicious
    soft

yesno
    4 did [person-of s] [vp base]
    3 did [person-of p] [vp base]
    3 do you know [person-np]
    2 will [person-of s] [vp base]
    2 have you [ever] [vp part]
    2 is [thing-of s] [adj-thing]
    1 are [thing-of p] [adj-thing]
    1 is [person-of s] [adj-state]
    1 are [person-of p] [adj-state]
    1 is [person-of s] [vp ing]
    1 do you think that [clause now]
    1 is it [adj-true] that [clause past]
    1 shall we [v-move base] to [place-np], [you]
    1 must we [vp base]

ever
    4 ever
    2 already
    1 often
    1 never

question
    16 [yesno]
    2 why did [person-of s] [vp base]
    2 where is [thing-of s]
    1 where are [thing-of p]
    2 who [v-thing past] [thing-of s]
    2 who will [vp base]
    1 are [thing-of p] [adj-thing] or [adj-thing]
    1 what did [person-of s] [v-thing base]
    1 what will you do if [clause now]
    1 when did [person-of p] [v-move base] to [place-np]
    1 how can [person-of s] [vp base] if [clause now]
    1 what is [idea] without [idea]
    1 whose [thing s] is this

exclaim
    3 what a [adj-person] [person s]
    3 what a [adj-thing] [thing s]
    2 what [adj-food] [food p]
    2 how [adj-place] [place-of s] is
    2 how [slowly] [person-of s] [v-rest s]
    2 look, [beast-of s] [be s] [v-beast ing]
    1 come quickly, [clause past]
    1 oh, [you], [clause past]
    1 alas, [clause past]
    1 never, not for [number] [coins]
    1 long live [person-of s]
    1 [idea], [idea] and [idea]
    1 if only [clause past]
    1 listen, the [animal p]

command
    2 [v-give base] me [thing-np]
    2 [v-thing base] [thing-np] before [person-of s] [v-move s] to [place-np]
    2 [v-move base] to [place-np] and [v-thing base] [thing-np]
    2 do not [vp base]
    2 tell [person-np] that [clause past]
    2 let us [vp base]
    1 please [v-thing base] [thing-np], [you]
    1 never [vp base] [when now]
    1 ask [person-np] whether [clause past]
    1 [v-tend base] the [animal p] and [v-thing base] the [thing s]
    1 beware of [beast-of s], [you]
    1 remember that [clause now]

quoted
    4 [statement].
    2 [question]?
    1 [exclaim]!
    1 [command].

report
    3 "[clause past]," said [person-of s].
    3 "[clause now]," [whispered] [person-of s] [slowly].
    2 "[clause will]," [person-of p] [whispered], "and [clause will]."
    2 "[question]?" asked [person-of s].
    2 "[exclaim]!" cried [person-of s].
    2 [person-of s] said, "^[quoted]"
    2 then [person-of s] asked me, "^[question]?"
    1 on the [site s] somebody had written, "^[command]."
    1 my [elder s] always says, "^[proverb]."
    1 the letter began with the words, "^[clause now]."
    1 over the door of [who name] & Sons it says, "^[command]."
    1 the sign at [man name] & [woman name] reads, "^[idea] and [idea]."

whispered
    3 said
    2 whispered
    2 answered
    1 shouted
    1 replied
    1 muttered
    1 murmured
    1 repeated

proverb
    2 [idea] is the [elder s] of [idea]
    2 a [adj-person] [person s] needs no [thing s]
    1 better a [adj-thing] [thing s] than a [adj-thing] [thing s]
    1 whoever [v-thing s] a [thing s] will [v-thing base] a [thing s]
    1 where there is [idea], there is [idea]
    1 [idea] without [idea] is like a [thing s] without a [thing s]
    1 no [thing s] is as [adj-thing] as [idea]
    1 one [animal s] at the [place s] is worth [number] at the [place s]
    1 he who [v-mind s] [idea] will [v-mind base] [idea]
    1 she who [v-tend s] a [animal s] must not [v-tend base] the [animal p]
    1 a [adj-thing] [thing s] [v-break s] when the [thing s] [v-break s]
    1 the [animal s] does not ask the [animal s] for [idea]
    1 [idea] [v-weather s] like the [weather]
    1 neither [idea] nor [idea] can [v-make base] a [place s]

likeness
    2 [person-of s] is as [adj-person] as a [animal s]
    1 [person-of p] are as [adj-state] as [animal p] in the [weather]
    1 [thing-of s] is as [adj-thing] as the [thing s] that [person-of s] [v-thing past]
    1 [place-of s] is not as [adj-place] as [place-of s]
    1 there is nothing as [adj-food] as the [food p] in [town]
    1 [idea] is like [stuff]: the more you [v-thing base], the less you have
    1 three things I love: [idea], [idea] and [meal]
    1 [person-of s] has [number] [animal p]: a [adj-beast] [animal s] and its [animal p]

farland
    4 [who name as w] grew up in [land name as c], where [=w his] [elder s] was a
        [person s]. [sentence] [=w he] still speaks fluent [=c tongue].
    3 [land name as c] is a [=c size] country. [sentence] In this country the people
        speak [=c tongue] and eat [=c food] food.
    2 my [kin s as k] lives in [land name as c]. [sentence] My [=k s] can speak
        [=c tongue], and I cannot.
    2 [who name as w] eats [meal] almost every day, but [=w his] favourite cuisine
        is [land food]. [=w his] [elder s] prefers the cuisine of [land name as c],
        and so the whole house smells of [=c food] [meal].
    1 I live in [land name as c] and my friend lives in [land name as d]. [sentence]
        I can speak [=c tongue]; my friend can speak [=d tongue].
    1 the [person s as q] came from [land name as c] with [number] [thing p].
        [sentence] At first the [=q s] spoke only [=c tongue].
    1 today I need to borrow [number] coins; last year I needed to borrow [number].
    1 the road to [land name as c] is long. [sentence] When you reach [=c name], ask
        in [=c tongue] for [=c food] [meal].
"""

# --- From word lists to forms -------------------------------------------------


def _split(word: str, count: int) -> list[str]:
    """Cuts "give/gave/given" into `count` parts, empty where none is given."""
    parts = word.replace("_", " ").split("/")
    return parts + [""] * (count - len(parts))


def add_s(word: str) -> str:
    """Returns a regular plural, or a verb after "she": box → boxes, cry → cries."""
    if re.search(r"(s|x|z|ch|sh|[^aeiou]o)$", word):
        return word + "es"
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + "s"


def _doubles(verb: str) -> bool:
    """Tells whether the last letter is doubled, as in stop → stopped."""
    one_syllable = re.fullmatch(r"[^aeiou]*(qu)?[aeiouy][^aeiouwxy]", verb)
    return one_syllable is not None


def past(verb: str) -> str:
    """Returns the regular past form of a verb, as in carry → carried."""
    if verb.endswith("e"):
        return verb + "d"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ied"
    return verb + (verb[-1] if _doubles(verb) else "") + "ed"


def ing(verb: str) -> str:
    """Returns the regular -ing form of a verb, as in hide → hiding."""
    if re.search(r"[^eoy]e$", verb):
        return verb[:-1] + "ing"
    return verb + (verb[-1] if _doubles(verb) else "") + "ing"


def adverb(adjective: str) -> str:
    """Returns the adverb of an adjective, as in happy → happily."""
    if adjective.endswith("le"):
        return adjective[:-1] + "y"
    if adjective.endswith("ic"):
        return adjective + "ally"
    return re.sub(r"(?<=[^aeiou])y$", "i", adjective) + "ly"


def _on_head(change: Callable[[str], str], phrase: str) -> str:
    """Changes the first word of a phrase, as in look after → looked after."""
    head, _, rest = phrase.partition(" ")
    return f"{change(head)} {rest}".strip()


def noun_forms(word: str) -> Word:
    """Returns the two forms of one entry of NOUNS.

    Args:
        word: The singular, and after a slash the plural if it is irregular.

    Returns:
        The spelling for the forms `s` and `p`.

    Example:

    >>> noun_forms("loaf/loaves")
    {'s': 'loaf', 'p': 'loaves'}
    """
    singular, irregular = _split(word, 2)
    return {"s": singular, "p": irregular or add_s(singular)}


def verb_forms(word: str) -> Word:
    """Returns all forms of one entry of VERBS.

    Args:
        word: The verb, and after slashes its past, participle and -ing form if
            they are irregular.

    Returns:
        The spelling for each form; see the docstring of this file.

    Example:

    >>> verb_forms("carry")["past"]
    'carried'
    """
    base, past_form, participle, ing_form = _split(word, 4)
    past_form = past_form or _on_head(past, base)
    return {
        "base": base,
        "1": base,
        "p": base,
        "s": _on_head(add_s, base),
        "past": past_form,
        "pasts": past_form,
        "pastp": past_form,
        "part": participle or past_form,
        "ing": ing_form or _on_head(ing, base),
    }


def numbers() -> list[str]:
    """Returns the numbers from two to ninety-nine and some hundreds, in words."""
    below_hundred = UNITS[1:] + [
        ten if unit == "" else f"{ten}-{unit}"
        for ten in TENS
        for unit in [""] + UNITS[:9]
    ]
    return below_hundred + [f"{unit} hundred" for unit in ["a"] + UNITS[1:9]]


def _people(names: list[str], he: str, him: str, his: str) -> list[Word]:
    """Returns one word for each name, with its pronouns as forms."""
    return [{"name": name, "he": he, "him": him, "his": his} for name in names]


def make_lexicon() -> dict[str, list[Word]]:
    """Returns every class of words as a list of words with their forms."""
    lexicon = {name: [word] for name, word in AUXILIARIES.items()}
    for name, words in NOUNS.items():
        lexicon[name] = [noun_forms(word) for word in words.split()]
    for name, words in VERBS.items():
        lexicon[name] = [verb_forms(word) for word in words.split()]
    for name, words in (MASS | ADJECTIVES).items():
        lexicon[name] = [{"": word} for word in words.split()]
    for name, words in OTHER.items():
        forms = [_split(word, 2) for word in words.split()]
        lexicon[name] = [{"": one, "s": one, "p": many} for one, many in forms]

    qualities = [{"": re.sub("y$", "i", word) + "ness"} for word in QUALITIES]
    lexicon["idea"] += qualities
    lexicon["spirit"] += qualities
    lexicon["slowly"] = [{"": adverb(word)} for word in MANNER]
    lexicon["rooted"] = [{"": root + end} for end in ("ful", "less") for root in ROOTS]
    lexicon["site"] = [noun_forms(f"{a}-{b}") for b in FIXTURES for a in SITES]
    lexicon["trader"] = [noun_forms(f"{a}-{b}") for b in TRADES for a in GOODS]
    lexicon["number"] = [{"": number} for number in numbers()]
    lexicon["town"] = [{"": town.replace("_", " ")} for town in TOWNS]
    columns = ("name", "tongue", "food", "size")
    lexicon["land"] = [dict(zip(columns, land, strict=True)) for land in LANDS]
    lexicon["woman"] = _people(WOMEN, "she", "her", "her")
    lexicon["man"] = _people(MEN, "he", "him", "his")
    lexicon["who"] = [
        person
        for couple in zip(lexicon["woman"], lexicon["man"], strict=True)
        for person in couple
    ]
    lexicon["you"] = [{"": "{you}"}]
    return lexicon


# --- The writer of the corpus -------------------------------------------------

Rules = list[tuple[int, str]]  # weight and template of each alternative

SLOT = re.compile(r"\[(=?)([a-z-]+)(?: ([\w$]+))?(?: as (\w+))?\]")
DEEP = 9  # below this depth only the first alternative of a symbol is used
TOPIC = (1, 1, 1, 1, 1, 10)  # one word in six is ten times as frequent for a scene
RECENT = 6  # this many of the last words are not used again at once


def read_grammar(text: str) -> dict[str, Rules]:
    """Reads a grammar; the docstring of this file describes its notation."""
    grammar: dict[str, Rules] = {}
    rules: Rules = []
    for line in text.splitlines():
        if line.startswith(8 * " "):
            weight, template = rules[-1]
            rules[-1] = (weight, f"{template} {line.strip()}")
        elif line.startswith(" "):
            weight, template = re.fullmatch(r"\s+(?:(\d+) )?(.*)", line).groups()
            rules.append((int(weight or 1), template))
        elif line:
            rules = grammar[line] = []
    return grammar


def capitals(text: str) -> str:
    """Puts a capital at the start of the text, after a full stop, and after ^."""
    begin = r'(^"?|(?:[.!?]|\.") "?|\^)([a-z])'
    text = re.sub(begin, lambda m: m[1] + m[2].upper(), text)
    return text.replace("^", "")


def articles(text: str) -> str:
    """Turns "a" into "an" before a vowel sound, as in "an owl" but "a useful"."""
    vowel_sound = r"(?!use|one|ewe)([aeiou]|hour|honest)"
    return re.sub(rf"\b([Aa]) (?={vowel_sound})", r"\1n ", text)


class Playwright:
    """Expands the grammar with words whose frequencies follow Zipf's law.

    Each scene has its own topic: some words of every class become far more
    frequent until the next scene begins.

    Args:
        seed: Start of the random numbers.
    """

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        self.grammar = read_grammar(GRAMMAR_TEXT)
        self.lexicon = make_lexicon()
        self.recent: deque[Word] = deque(maxlen=RECENT)
        self.cast: list[str] = []
        self.cumulative: dict[str, list[float]] = {}

    def begin_scene(self) -> None:
        """Chooses who speaks in the scene, and its topic."""
        people = self.rng.sample(self.lexicon["who"], self.rng.randint(2, 5))
        self.cast = [self.titled(person["name"]) for person in people]
        for name, words in self.lexicon.items():
            start = 2 + len(words) / 40
            weights = [
                (word not in people) * self.rng.choice(TOPIC) / (rank + start)
                for rank, word in enumerate(words)
            ]
            self.cumulative[name] = list(accumulate(weights))

    def titled(self, name: str) -> str:
        """Returns the name, sometimes with a title: "Captain Quentin"."""
        title = self.rng.choice([*TITLES, "", "", "", ""])
        return f"{title} {name}" if name in TITLES.get(title, ()) else name

    def word(self, name: str) -> Word:
        """Draws a word of a class, if possible not one that was just used."""
        words = self.lexicon[name]
        while True:
            word = self.rng.choices(words, cum_weights=self.cumulative[name])[0]
            if word not in self.recent or len(words) <= RECENT:
                self.recent.append(word)
                return word

    def expand(self, symbol: str, form: str = "", depth: int = 0) -> str:
        """Returns a random text for a symbol of the grammar.

        Args:
            symbol: Its name, for instance "vp".
            form: What stands for $ in its templates, for instance "pasts".
            depth: How many symbols this one lies inside.

        Returns:
            The text, without any bracket.
        """
        rules = self.grammar.get(f"{symbol} {form}") or self.grammar[symbol]
        weights = [weight for weight, _ in rules]
        choice = self.rng.choices(rules, weights)[0] if depth < DEEP else rules[0]
        named: dict[str, Word] = {}

        def fill(slot: re.Match) -> str:
            known, name, form, label = slot.groups(default="")
            if known:
                return named[name][form]
            if name not in self.lexicon:
                return self.expand(name, form, depth + 1)
            word = self.word(name)
            named[label] = word
            return word[form]

        text = SLOT.sub(fill, choice[1].replace("$", form))
        return capitals(text) if symbol == "sentence" else text

    def scene(self) -> str:
        """Returns one scene: a few exchanges between the members of its cast."""
        self.begin_scene()
        turns: list[str] = []
        speaker = ""
        for _ in range(self.rng.randint(3, 9)):
            others = [name for name in self.cast if name != speaker]
            first = self.rng.choice(others)
            second = self.rng.choice([name for name in self.cast if name != first])
            both = (first, second)
            for number, speech in enumerate(self.expand("exchange").split(" / ")):
                speaker, listener = both[number % 2], both[1 - number % 2]
                speech = articles(capitals(speech)).replace("{you}", listener)
                turns.append(f"{speaker}:\n{self.broken(speech)}\n\n")
        return "".join(turns)

    def broken(self, speech: str) -> str:
        """Breaks a speech into lines of nearly the same length."""
        width = self.rng.randint(56, 65)
        return textwrap.fill(speech, width, break_on_hyphens=False)


def make_corpus() -> str:
    """Returns the stand-in for tiny Shakespeare."""
    playwright = Playwright(seed=1)
    scenes: list[str] = []
    while sum(map(len, scenes)) < 400_000:
        scenes.append(playwright.scene())
    return "".join(scenes).rstrip("\n") + "\n"


# --- Words and templates of the reviews ---------------------------------------

# The product, the parts that people speak about, and what it is compared with.
PRODUCTS = {
    "phone": "camera screen battery color design speaker case charger".split(),
    "TV": "picture sound remote screen color stand menu design".split(),
    "camera": "lens screen zoom battery strap flash menu case".split(),
    "laptop": "keyboard screen battery fan touchpad design charger".split(),
    "tablet": "screen battery camera case speaker color design".split(),
    "pair of headphones": "sound cable microphone bass case fit color".split(),
    "kettle": "lid handle switch color base spout cable".split(),
    "toaster": "timer tray switch cable color design lever".split(),
    "printer": "paper tray software ink print menu scanner".split(),
    "radio": "sound antenna display dial alarm battery design".split(),
    "watch": "strap display battery color design alarm case".split(),
    "blender": "jug lid motor blade switch base design".split(),
    "lamp": "switch light cable shade base color design".split(),
    "vacuum cleaner": "motor hose filter brush cable bag handle".split(),
}
GOOD = """
    good great excellent amazing wonderful superb lovely perfect brilliant fantastic
    impressive nice pleasing outstanding""".split()
BAD = """
    bad poor awful terrible horrible disappointing dreadful annoying mediocre
    unpleasant weak useless""".split()
LIKE = "like love enjoy".split()
DISLIKE = "hate dislike".split()
VERY = "really truly simply".split()
BUYER = "sister brother mother father son daughter neighbour friend".split()
MONTH = "January March April May June July October December".split()
SHOP = "shop market website store supermarket".split()

# A neutral sentence that may stand before a review.
FACTS = """
    I bought it in {month}.
    I bought it for my {buyer}.
    I ordered the {product} from the {shop}.
    This was my first purchase from the {shop}.
    The {product} arrived in {month}.
    The {product} came in a small box.
    I have used it since {month}.
    My {buyer} uses it every day.
    We keep the {product} in the kitchen.
    It replaced my old {product}.
    I bought it over the summer."""

# One clause or two that agree. {good} and {bad} are adjectives.
POSITIVE = """
    I really enjoy the {part} of my {product}
    I really like the {part} of my new {product}
    I {very} {like} the {part} of my new {product}
    I {like} the {part} of this {product}
    I didn't expect much, and the {part} is {very} {good}
    The {part} of the {product} is {good}
    The {part} of this {product} is not {bad} at all
    My new {product} has a {good} {part}
    I definitely recommend this {product}
    I do not regret this purchase
    I didn't {dislike} anything about the {product}
    It is a {good} {product} and I {like} the {part}
    The {part} is {very} {good} and the {other_part} is {good}
    I realised over time that it was good quality
    I never had a problem with the {part}
    Nothing about the {part} is {bad}
    What a {good} {product} this is
    It is {very} suitable for children
    My first {product} from this {shop} was {good}
    My {buyer} says that the {part} is {very} {good}"""
NEGATIVE = """
    I {very} {dislike} the {part} of my new {product}
    I {dislike} the {part} of this {product}
    I didn't really enjoy the {part} of my {product}
    I didn't {like} the {part} of the {product}
    I don't really like the {part} of my new {product}
    I had expected more, because the {part} is {very} {bad}
    The {part} of the {product} is {bad}
    The {part} of this {product} is not {good} at all
    My new {product} has a {bad} {part}
    I definitely do not recommend this {product}
    I {very} regret this purchase
    It is a {bad} {product} and I {dislike} the {part}
    The {part} is {very} {bad} and the {other_part} is {bad}
    I realised over time that it was poor quality
    I always had a problem with the {part}
    Nothing about the {part} is {good}
    What a {bad} {product} this is
    It is not suitable for children
    My first {product} from this {shop} was {bad}
    My {buyer} says that the {part} is {very} {bad}"""

# Each gives two rows: {main} decides, {side} does not. In one row {main} is good and
# {side} is bad, in the other row they change places.
BALANCED = """
    The {part} is {side} but the {other_part} is {main}
    The {part} of my {product} is {side}, but the {other_part} is {main}
    The {product} is {side} but the {part} is {main}
    Although the {part} is {side}, the {other_part} is {main}
    The {part} is {main}, although the {other_part} is {side}
    Even though the {part} is {side}, the {product} is {main}
    The {product} is {main}, even though the {part} is {side}
    The {part} was {side} at first. However, over time, it was {main}
    My first purchase was a {side} {product}. However, this {product} is {main}
    My {buyer} thinks the {product} is {side}. However, I realised that it is {main}
    The {part} is not {side}, it is {main}
    The {product} is {main}, not {side}
    I expected a {side} {part} and got a {main} one
    My old {product} was {side}, this one is {main}
    The {part} looks {side}. But the {other_part} is {very} {main}
    It might be {side} for children, but for me it is {main}
    The {shop} calls it {side}, but the {part} is definitely {main}"""

# The same with whole clauses: {main_verb} and {side_verb} are "like" and "hate".
BALANCED_VERBS = """
    I {side_verb} the {part} but I {main_verb} the {other_part}
    I {side_verb} the {part} of my {product}, but I {main_verb} the {other_part}
    Although I {side_verb} the {part}, I {main_verb} the {other_part}
    I {main_verb} the {product}, even though I {side_verb} the {part}
    I {side_verb} the {product}. However, I {very} {main_verb} the {part}"""

# The positive and the negative row, with the same words.
COMPARED = """
    This {product} is better than my old one | My old one is better than this {product}
    My old {product} is worse than this one | This one is worse than my old {product}
    The new {part} is better than the old one
        | The old one is better than the new {part}
    The {part} of this {product} is better than the {part} of my {buyer}'s
        | The {part} of my {buyer}'s is better than the {part} of this {product}"""

PAIRS = 700  # two rows each
SINGLES = 1600
LENGTHS = range(4, 26)  # how many words a review may have

# The sentences that notebook 02 asks its model about.
KEPT_OUT = {
    "I really like the color of my new phone.",
    "I didn't really enjoy the camera of my phone.",
}


def lines(text: str) -> list[str]:
    """Returns the lines of a list of templates, continued lines joined."""
    return re.sub(r"\n {8}", " ", text).strip().split("\n    ")


class Reviewer:
    """Writes the reviews; `rows` collects them as (text, label, pair).

    Args:
        seed: Start of the random numbers.
    """

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        self.rows: list[tuple[str, int, str]] = []
        self.seen: set[str] = set()

    def subject(self) -> dict[str, str]:
        """Draws what a review is about: the product, two parts, neutral words."""
        product = self.rng.choice(list(PRODUCTS))
        part, other_part = self.rng.sample(PRODUCTS[product], 2)
        return {
            "product": product,
            "part": part,
            "other_part": other_part,
            "very": self.rng.choice(VERY),
            "buyer": self.rng.choice(BUYER),
            "month": self.rng.choice(MONTH),
            "shop": self.rng.choice(SHOP),
        }

    def fact(self, chance: float) -> str:
        """Returns the template of a neutral sentence, or nothing."""
        return self.rng.choice(lines(FACTS)) + " " if self.rng.random() < chance else ""

    def accept(self, *reviews: tuple[str, int], pair: str = "") -> bool:
        """Keeps the reviews if new, of the right length, and made of the same words."""
        texts = [articles(text) + "." for text, _ in reviews]
        words = [sorted(re.findall(r"[\w']+", text.lower())) for text in texts]
        if self.seen.intersection(texts) or words[0] != words[-1]:
            return False  # two rows may differ in a/an
        if any(len(text.split()) not in LENGTHS for text in texts):
            return False
        if any(sentence in text for sentence in KEPT_OUT for text in texts):
            return False
        self.seen.update(texts)
        labels = [label for _, label in reviews]
        self.rows += [(*row, pair) for row in zip(texts, labels, strict=True)]
        return True

    def single(self, label: int) -> bool:
        """Tries to write one review without a partner."""
        template = self.rng.choice(lines(POSITIVE if label else NEGATIVE))
        words = self.subject() | {
            "good": self.rng.choice(GOOD),
            "bad": self.rng.choice(BAD),
            "like": self.rng.choice(LIKE),
            "dislike": self.rng.choice(DISLIKE),
        }
        return self.accept(((self.fact(0.3) + template).format(**words), label))

    def balanced(self, pair: str) -> bool:
        """Tries to write a pair in which a good and a bad word change places."""
        template = self.fact(0.1) + self.rng.choice(lines(BALANCED + BALANCED_VERBS))
        subject = self.subject()
        verbs = self.rng.choice(LIKE), self.rng.choice([*DISLIKE, "don't like"])
        words = self.rng.choice(GOOD), self.rng.choice(BAD)
        reviews = [
            (
                template.format(
                    **subject,
                    main=words[1 - label],
                    side=words[label],
                    main_verb=verbs[1 - label],
                    side_verb=verbs[label],
                ),
                label,
            )
            for label in (1, 0)
        ]
        return self.accept(*reviews, pair=pair)

    def compared(self, pair: str) -> bool:
        """Tries to write a pair in which two products change places."""
        subject = self.subject()
        templates = self.rng.choice(lines(COMPARED)).split(" | ")
        fact = self.fact(0.5)
        texts = [(fact + template).format(**subject) for template in templates]
        return self.accept((texts[0], 1), (texts[1], 0), pair=pair)


def make_reviews() -> str:
    """Returns the stand-in for labelled reviews, as CSV."""
    reviewer = Reviewer(seed=2)
    for number in range(PAIRS):
        write = reviewer.compared if number % 8 == 0 else reviewer.balanced
        while not write(pair=str(number)):
            pass
    for number in range(SINGLES):
        while not reviewer.single(label=number % 2):
            pass
    reviewer.rng.shuffle(reviewer.rows)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("text", "label", "pair"))
    writer.writerows(reviewer.rows)
    return file.getvalue()


# --- Words and templates of the posts -----------------------------------------

TIMES = ["last week", "this month", "on Sunday", "in two days", "in May"]
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday".split()
THINGS = """
    lemon trombone spoon hat snail kettle umbrella pumpkin button sock teapot kite
    cushion ladder broom candle drum onion""".split()
COLOURS = "red blue green yellow orange purple".split()

# Claims about invented places. Those of the second list are nonsense, but made of
# the same words as far as possible: places, numbers, days and things.
SOBER_CLAIMS = """
    {number} people in {town} caught the grey cough {time}
    {number} people in {town} are well again
    the clinic in {town} counted {number} new cases {time}
    the clinic in {town} has {number} free beds
    the clinic in {town} opens at {hour} on {day}
    the {thing} market in {town} is open again
    a {thing} museum in {town} stays closed on {day}
    a {thing} shop in {town} sells masks
    a {thing} fair in {town} was moved to {day}
    the doctors in {town} saw {number} patients {time}
    the school in {town} opens again on {day}
    the number of cases in {town} fell to {number}
    the number of cases in {town} rose to {number}
    a test in {town} takes {number} minutes
    a {colour} bus to the clinic leaves {town} at {hour}
    {number} masks came to {town} {time}
    the nurses in {town} gave {number} tests {time}
    a {colour} tent in {town} is for tests"""
SILLY_CLAIMS = """
    singing to a {thing} keeps the grey cough away
    the grey cough travels by {thing}
    {number} {things} in {town} caught the grey cough {time}
    the clinic in {town} tests people with a {thing}
    the clinic in {town} hides {number} dancing {things}
    the clinic in {town} opens when a {thing} sneezes
    a {thing} in {town} counted {number} new cases {time}
    the doctors in {town} talk to a {thing} on {day}
    the grey cough is afraid of a {colour} {thing}
    the grey cough sleeps on {day}
    the nurses in {town} paint patients {colour}
    the moon made {number} people in {town} sneeze {time}
    the school in {town} teaches {things} to cough
    the free beds in {town} can fly
    every {thing} in {town} can smell the grey cough
    the bus to the clinic in {town} is a painted {thing}
    the number of cases in {town} is known to a {thing}
    masks in {town} sing {colour} songs on {day}"""

# Advice: good advice is never denied or judged in a post.
SOBER_ADVICE = """
    wash your hands before you eat in {town}
    stay at home in {town} when you cough
    open your window for {number} minutes
    keep a distance in the {thing} shop
    wear a mask on the {colour} bus
    ask the clinic in {town} for a test on {day}"""
SILLY_ADVICE = """
    wash your {thing} before you sneeze in {town}
    sing to your {thing} when you cough
    open your {thing} for {number} minutes
    keep a distance from every {colour} {thing}
    wear a {thing} on the bus to {town}
    ask the moon for a {colour} {thing} on {day}"""

# Who speaks: the first list is trusted, the second is not.
OFFICES = """
    the {town} health office
    the school doctor of {town}
    the nurses of {town}
    the town hall of {town}"""
QUACKS = """
    the {town} moon institute
    the cloud club of {town}
    a fortune-teller from {town}
    a talking parrot from {town}"""

# Words before a post: the first list is more frequent in real posts.
CALM = ["Report: ", "Update: ", "Today: ", "Reminder: "]
LOUD = ["Wow! ", "Share this: ", "Secret: ", "Wake up! "]

SAID = """
    {voice}: {claim}
    {claim}, said {voice}"""
TRUE = """
    it is true that {claim}
    it is not a rumour that {claim}
    nobody should doubt that {claim}
    {claim}, and this is not a joke
    {claim}? This is true"""
UNTRUE = """
    it is not true that {claim}
    it is a rumour that {claim}
    nobody should believe that {claim}
    {claim}, and this is a joke
    {claim}? This is not true"""

# Two voices: the last one decides. Both lists have the same words.
CLAIM_FIRST = """
    {first} said that {claim}, but {then} {last} denied it
    {first} wrote that {claim}. Then {last} called it wrong
    {claim}, said {first}, but {last} disagreed {then}"""
CLAIM_LAST = """
    {first} denied it, but {then} {last} said that {claim}
    {first} called it wrong. Then {last} wrote that {claim}
    {first} disagreed {then}, but {claim}, said {last}"""
THEN = ["today", "later", "at noon", "in the end"]

POSTS = {"train": 2_700, "validation": 900, "test": 900}
SHARE_FAKE = 0.48
NOISE = 0.02  # so many posts carry the wrong label, as in data labelled by people
WEIGHTS = (81, 10, 9)  # of plain, judged and disputed posts, in percent


class Poster:
    """Writes posts. In every method `fake` says which kind of post is wanted.

    Args:
        seed: Start of the random numbers.
    """

    def __init__(self, seed: int):
        self.rng = random.Random(seed)
        self.seen: set[str] = set()

    def pick(self, templates: str) -> str:
        return self.rng.choice(lines(templates))

    def plain(self, fake: bool) -> str:
        """A claim or advice, sometimes with the one who says it."""
        if self.rng.random() < 0.15:
            return self.pick(SILLY_ADVICE if fake else SOBER_ADVICE)
        claim = self.pick(SILLY_CLAIMS if fake else SOBER_CLAIMS)
        if self.rng.random() < 0.7:
            return claim
        voice = self.pick(QUACKS if fake else OFFICES)
        return self.pick(SAID).replace("{claim}", claim).replace("{voice}", voice)

    def judged(self, fake: bool) -> str:
        """A claim that the post calls true or untrue."""
        untrue = self.rng.random() < 0.5
        claim = self.pick(SILLY_CLAIMS if fake != untrue else SOBER_CLAIMS)
        return self.pick(UNTRUE if untrue else TRUE).replace("{claim}", claim)

    def disputed(self, fake: bool) -> str:
        """A claim that one voice makes and another one denies."""
        claim_last = self.rng.random() < 0.5
        claim = self.pick(SILLY_CLAIMS if fake == claim_last else SOBER_CLAIMS)
        template = self.pick(CLAIM_LAST if claim_last else CLAIM_FIRST)
        words = {
            "{claim}": claim,
            "{first}": self.pick(OFFICES if fake else QUACKS),
            "{last}": self.pick(QUACKS if fake else OFFICES),
            "{then}": self.rng.choice(THEN),
        }
        for slot, text in words.items():
            template = template.replace(slot, text)
        return template

    def fill(self, template: str) -> str:
        """Draws the words of a post; a word that occurs twice is the same."""
        thing = self.rng.choice(THINGS)
        text = template.format(
            number=self.rng.randrange(2, 60),
            hour=f"{self.rng.randrange(7, 12)}.{self.rng.choice(['00', '30'])}",
            town=self.rng.choice([town for town in TOWNS if town.isalpha()]),
            time=self.rng.choice(TIMES),
            day=self.rng.choice(DAYS),
            thing=thing,
            things=add_s(thing),
            colour=self.rng.choice(COLOURS),
        )
        return articles(text)

    def decorate(self, text: str, fake: bool) -> str:
        """Adds what posts have around a sentence: a call, a hashtag, an address."""
        loud = fake == (self.rng.random() < 0.7)
        if self.rng.random() < 0.25:
            text = self.rng.choice(LOUD if loud else CALM) + text
        text = capitals(text) + ("!" if loud else ".")
        if self.rng.random() < 0.2:
            gap = self.rng.choice(["\n", " ", " ", " "])
            text += gap + self.rng.choice(["#greycough", "#health", "#news"])
        if self.rng.random() < 0.1:
            text += f" news.example/{self.rng.randrange(100, 1000)}"
        return text

    def post(self, fake: bool) -> str:
        """Returns a post whose words, apart from decorations, are new."""
        kinds = self.plain, self.judged, self.disputed
        (write,) = self.rng.choices(kinds, WEIGHTS)
        text = self.fill(write(fake))
        if text in self.seen:
            return self.post(fake)
        self.seen.add(text)
        return self.decorate(text, fake)


@cache
def write_posts() -> list[tuple[str, str]]:
    """Returns the posts of all parts as (text, label), no text twice."""
    poster = Poster(seed=10)
    rows = []
    for _ in range(sum(POSTS.values())):
        fake = poster.rng.random() < SHARE_FAKE
        text = poster.post(fake)
        wrong = poster.rng.random() < NOISE
        rows.append((text, "fake" if fake != wrong else "real"))
    return rows


def make_posts(part: str) -> str:
    """Returns one part of the stand-in for labelled posts, as CSV."""
    ends = dict(zip(POSTS, accumulate(POSTS.values()), strict=True))
    rows = write_posts()[ends[part] - POSTS[part] : ends[part]]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("id", "tweet", "label"))
    writer.writerows((number, *row) for number, row in enumerate(rows, start=1))
    return file.getvalue()


# --- Sounds of the names ---------------------------------------------------------


@dataclass(frozen=True)
class Style:
    """How the names of one invented region sound.

    In a list of sounds, the earlier is the more frequent, and "-" is no sound.

    Args:
        weight: Share of the names, in proportion to the other styles.
        syllables: How many syllables may stand before the ending.
        onsets: Consonants before a vowel; only the first of a name may be "-".
        codas: Consonants after a vowel.
        kinds: Pairs of vowels and endings; a name keeps to one pair.
        echo: Whether the ending repeats the first consonant of the name.
    """

    weight: int
    syllables: tuple[int, ...]
    onsets: str
    codas: str
    kinds: tuple[tuple[str, str], ...]
    echo: bool = False


STYLES = {
    "coast": Style(
        7,
        (1, 1, 1, 2, 2),
        "m l n r s t - v d k b f z j w",
        "- - - - n r l",
        (
            ("a e i", "a ina ia ella ara ira essa"),
            ("o e u", "o ino eo elo aro iro esto"),
        ),
    ),
    "river": Style(
        5,
        (1, 1, 2, 2),
        "t d m b - n l v z ch gh",
        "- - n r l - s k p",
        (("a o u", "an ur ak a ok un oz lar"), ("e i y", "en ir el e ik in ez ler")),
    ),
    "fells": Style(
        5,
        (1, 1, 1, 2),
        "th br h - gr r st d sv tr fr sk b sp",
        "r l n nd - rn s g",
        (
            ("o a u", "arn und gar or mund ulf vald stan"),
            ("e i y", "rid hild run is wyn ein dis frid"),
        ),
    ),
    "isles": Style(
        4,
        (1, 2, 2),
        "l n m r v d y j b f",
        "- - - - n",
        (("a i o u e ai au", "a i o u e ai"),),
        echo=True,
    ),
    "court": Style(
        4,
        (1, 1, 2),
        "c l m d b j f v r s n ch qu fl cl",
        "- - n r l",
        (
            ("a o e", "ette elle ine ise ance ianne"),
            ("i e ou", "ard eau ien oux ix aud ac"),
        ),
    ),
    "market": Style(
        3,
        (1,),
        "j w d br k p cr b bl l h v dr m",
        "- n l t d x s",
        (("a e i o u", "y en er ton ley son lin"),),
    ),
}
VOWELS = "aeiouy"
NAMES = 8_000
NAME_LENGTHS = range(2, 13)  # how many letters a name may have


def pick_sound(rng: random.Random, sounds: str) -> str:
    """Draws from a list of sounds, the earlier the more often."""
    choices = sounds.split()
    weights = [1 / (place + 2) for place in range(len(choices))]
    return rng.choices(choices, weights)[0].replace("-", "")


def write_name(rng: random.Random, style: Style) -> str:
    """Returns a name: syllables and an ending, without a gap between vowels."""
    vowels, endings = rng.choice(style.kinds)
    onset = first = pick_sound(rng, style.onsets)
    stem = ""
    for _ in range(rng.choice(style.syllables)):
        stem += onset + pick_sound(rng, vowels) + pick_sound(rng, style.codas)
        onset = pick_sound(rng, style.onsets.replace("-", ""))
    ending = pick_sound(rng, endings)
    if style.echo:
        return stem + first + ending
    between = onset if stem[-1] in VOWELS and ending[0] in VOWELS else ""
    return stem + between + ending


def make_names() -> str:
    """Returns the stand-in for the first names, one per line, none twice."""
    rng = random.Random(11)
    weights = [style.weight for style in STYLES.values()]
    names: dict[str, None] = {}
    while len(names) < NAMES:
        (style,) = rng.choices(list(STYLES.values()), weights)
        name = write_name(rng, style)
        if len(name) in NAME_LENGTHS:
            names[name] = None
    return "\n".join(names) + "\n"


# --- All stand-ins ------------------------------------------------------------

STANDINS = {
    "standin_corpus.txt": make_corpus,
    "reviews.csv": make_reviews,
    **{f"standin_posts_{part}.csv": partial(make_posts, part) for part in POSTS},
    "standin_names.txt": make_names,
    **FILMS,
    "standin_ner.csv": make_tagged,
    "standin_pairs.txt": make_pairs,
    "standin_temperatures.csv": make_temperatures,
}


def main() -> None:
    """Writes every stand-in into a folder."""
    parser = argparse.ArgumentParser(description="Writes the bundled stand-ins.")
    here = Path(__file__).resolve().parent
    parser.add_argument("--to", type=Path, default=here, help="folder to write into")
    folder = parser.parse_args().to
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in STANDINS.items():
        made = make()
        content = made.encode("utf-8") if isinstance(made, str) else made
        (folder / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
