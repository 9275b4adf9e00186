"""Makes the stand-in for the daily temperatures, daily-min-temperatures.csv.

standin_temperatures.csv has the form of the real file: the columns Date and Temp,
one line for each day of the ten years 1981 to 1990, one decimal. It lacks the same
two days. The town is invented; it lies in the south, so January is warm.

A temperature is the sum of four parts, in °C:

year     a wave with the period of one year, warmest early in February, and a small
         wave of half a year, so that autumn is longer than spring;
drift    half a degree more after ten years;
spell    warm and cold weeks: each day keeps 0.95 of the spell of the day before;
weather  each day keeps 0.6 of the weather of the day before, less 0.1 of that of
         the day before it, and adds a new surprise that nothing can foresee.

So the days before tell something of the next day, and a weighted sum of them is the
best that a model can use: the parts add up, and the noise is normal. The surprise
alone has a mean absolute error of about 1.8 °C, which no model can get below. The
temperature of the last day is a fair guess for one day ahead, and a poor one for a
week ahead. A few values below zero are set to zero.

`make_temperatures` uses the standard library only and a fixed seed.
data/make_standins.py writes the file.
"""

import math
import random
from datetime import date, timedelta

FIRST, LAST = date(1981, 1, 1), date(1990, 12, 31)
MISSING = {date(1984, 12, 31), date(1988, 12, 31)}  # as in the real file
YEAR = 365.25  # days

MEAN = 11.0  # °C, as all that follow
WAVE, WARMEST = 4.2, 36  # height, and the day of the year of its top
HALF_WAVE, HALF_WARMEST = 0.5, 110
DRIFT = 0.5
SPELL, SPELL_KEPT = 0.25, 0.95  # standard deviation of what is new, share that stays
SURPRISE, WEATHER_KEPT = 2.25, (0.6, -0.1)


def yearly(day: int) -> float:
    """Returns the part of the temperature that the season decides.

    Args:
        day: Days since the first one.
    """

    def wave(day_of_top: float, period: float) -> float:
        return math.cos(2 * math.pi * (day + 1 - day_of_top) / period)

    return WAVE * wave(WARMEST, YEAR) + HALF_WAVE * wave(HALF_WARMEST, YEAR / 2)


def make_temperatures() -> str:
    """Returns the stand-in for the daily temperatures, as CSV."""
    rng = random.Random(14)
    count = (LAST - FIRST).days + 1
    spell, weather, before = 0.0, 0.0, 0.0
    lines = ['"Date","Temp"']
    for number in range(count):
        day = FIRST + timedelta(days=number)
        spell = SPELL_KEPT * spell + rng.gauss(0, SPELL)
        kept = WEATHER_KEPT[0] * weather + WEATHER_KEPT[1] * before
        weather, before = kept + rng.gauss(0, SURPRISE), weather
        season = yearly(number) + DRIFT * number / count
        value = max(0.0, MEAN + season + spell + weather)
        if day not in MISSING:
            lines.append(f'"{day}",{value:.1f}')
    return "\n".join(lines) + "\n"
