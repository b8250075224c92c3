"""What two texts have in common: their content words, and the names and numbers in them, in English and German."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

STEM: Final = 5
"""Letters by which two forms of a word are the same word."""

_FUNCTION: Final = """
a about after again all also am an and any are as at be because been before being both but by can could did do does
doing done for from get gets getting got had has have having he her here him his how i if in into is it its itself
just may me might more most must my now of off on once only or other our out over own same she should since so some
still such than that the their them then there these they this those through to too under until up us very was we
were what when where which while who whom why will with would you your
aber alle als am an auch auf aus bei bin bis da damit dann das dass dem den denn der des die dies diese dieser doch
durch ein eine einem einen einer es etwas für hat haben hier ich ihr im in ist ja jetzt kann man mehr mit nach
noch nun nur ob oder schon sehr sein seit sich sie sind so soll sowie über um und uns unter vom von vor war waren
was weil wenn wer werden wie wieder wir wird wurde wurden zu zum zur
"""
_NEGATIONS: Final = """
no not never none nobody nothing neither nor cannot without nowhere hardly
nicht kein keine keinen keinem keiner nie niemals niemand nichts ohne weder kaum
"""
_NEGATING: Final = frozenset(_NEGATIONS.split())
_FUNCTION_WORDS: Final = frozenset(_FUNCTION.split())
_NUMBERS_WRITTEN: Final = """
2 two zwei|3 three drei|4 four vier|5 five fünf|6 six sechs|7 seven sieben|8 eight acht|9 nine neun
10 ten zehn|11 eleven elf|12 twelve zwölf dozen dutzend|15 fifteen fünfzehn|20 twenty zwanzig
30 thirty dreißig|40 forty vierzig|50 fifty fünfzig|60 sixty sechzig|70 seventy siebzig|80 eighty achtzig
90 ninety neunzig|100 hundred hundreds hundert|1000 thousand thousands tausend
"""
_NUMBERS: Final = {
    word: digits for digits, *words in map(str.split, re.split(r"[|\n]", _NUMBERS_WRITTEN.strip())) for word in words
}

EDGES: Final = ".,;:!?()[]{}<>\"'`*_=|-/\\\u201e\u201c\u201d\u201a\u2018\u2026\u2013\u2014"
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_NAMING: Final = re.compile(
    r"\d|[@\\_]|\w[./:]{1,3}\w"  # numbers, addresses, paths, domains, times
    r"|^[A-Z]+(?:-[A-Z]+)+$|^[A-Z]{5,}$"  # MAIL-GATE, FILESERVER; not DNS
    r"|[a-z][A-Z]"  # LanmanServer
)
_PART: Final = re.compile(
    "(?:[.;:!?]|,|\\s[-\u2013\u2014])\\s+|\\s(?:and|but|while|und|aber|während)\\s", re.IGNORECASE
)


def _words(text: str) -> list[str]:
    return _WORD.findall(_flat(text).casefold())


def _flat(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\u2019", "'")


def content(text: str) -> frozenset[str]:
    """What the text is about: its words and numbers without function words and negations, cut to their stems."""
    return frozenset(
        _NUMBERS.get(word, word[:STEM]) for word in _words(text) if word not in _FUNCTION_WORDS and not _negates(word)
    )


def is_negated(text: str) -> bool:
    return any(map(_negates, _words(text)))


def _negates(word: str) -> bool:
    return word in _NEGATING or word.endswith("n't")


def share(part: frozenset[str], whole: frozenset[str]) -> float:
    """How much of `part` is in `whole`, from 0 to 1; 0 of nothing."""
    return len(part & whole) / len(part) if part else 0.0


def names(text: str) -> frozenset[str]:
    """What in the text cannot be paraphrased: numbers, written out or not, hosts, addresses, paths, error codes."""
    tokens = [token.strip(EDGES).removesuffix("'s") for token in _flat(text).split()]
    return _written(text) | {token.casefold() for token in tokens if _NAMING.search(token)}


def occurs(name: str, text: str) -> bool:
    """Whether the text has `name`, one of `names`, on its own: 10 is not in 10.0.0.5, nor SRV-01 in SRV-01-OLD."""
    alone = rf"(?<![\w-])(?<!\d[.:,]){re.escape(name)}(?!\w|-\w|[.:,]\d)"
    return re.search(alone, _flat(text).casefold()) is not None or name in _written(text)


def _written(text: str) -> frozenset[str]:
    return frozenset(_NUMBERS[word] for word in _words(text) if word in _NUMBERS)


def parts(text: str) -> list[str]:
    """The statements a sentence is made of, each with at least two content words where the sentence has as many."""
    found: list[str] = []
    for piece in filter(None, map(str.strip, _PART.split(text))):
        if found and min(len(content(found[-1])), len(content(piece))) < 2:  # noqa: PLR2004  # a word states nothing
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return found
