"""Tells what a sentence's author did from plans, symptoms and what others did, in English and German."""

from __future__ import annotations

import re
from typing import Final, Literal

from handlers.wording_deeds import (
    ADJECTIVES,
    APART,
    ASIDE,
    BY_ITSELF,
    BY_MEANS,
    CHECKED,
    CLAUSE_ENDS,
    COMMANDS,
    DETERMINERS,
    DID,
    DID_WITH,
    FINITE,
    HANDED_OVER,
    LEADS,
    LOOKED_DE,
    MAX_LEAD,
    NO_DEEDS,
    NO_DEEDS_DE,
    NO_STEP,
    NOT_BY_US,
    NOUNS,
    OF_MANY,
    OTHER_THINGS,
    PAST_IRREGULAR,
    PAST_OR_IMPERATIVE,
    PERFECT,
    STARTS_BY_ITSELF,
    STATELY,
    STILL,
    STOPS,
    TELLS,
    TESTED,
    UNITS,
    US,
    VERBLESS_NOUNS,
    WENT,
    WENT_AND,
)
from handlers.wording_stated import FINITE as STATED
from handlers.wording_stated import OF_MANY as STATED_OF_MANY

Deed = Literal["action", "command", "likely_action"]
"""`command`: a result makes it one; `likely_action`: only one that is worded like a result does."""

_CMDLET: Final = re.compile(
    r"(?:get|set|start|stop|restart|new|remove|test|invoke|enable|disable|resolve|add|clear|update|repair|reset|import"
    r"|export|move|connect|unlock|sync)-[a-z]{3,}"
)
_CLAUSE_END: Final = r"(?=[,.;:!]|$| [-\u2013\u2014\u2192=]| and | but | und | aber )"
_GERMAN_END: Final = (
    r"(?=[,.;:!]|$| (?:[-\u2013\u2014\u2192=]|and|but|und|aber|keine?|immer|jedes\w*|nach|weiterhin|ohne|nichts"
    r"|um \d\S*)(?: |$)| (?:an|auf|in|im|am|bei|via|mit|von) (?:\S+ )?\S+(?:[,;:]|$))"
)
_OFF: Final = re.compile(r"\b(?:turned|switched|powered|took) (?:\S+ ){1,4}(?:off|on|down|up|out|back)\b")
_HAD_DONE: Final = re.compile(
    r"(?:had|got|made|let) (?:(?:the|a|his|her|our|my) )?"
    r"(?!(?:to|no|not|been|a|an|it)\b|issues|problems|trouble|already)[\w.]+ (?:\w+ )?"
    r"(?:open|sign|log|restart|reboot|try|move|plug|unplug|check|run|send|read|switch|turn|swap|connect|use|print|call"
    r"|test|put|take|press|pull|reset|install|update|close|start|stop|clear|delete|remove|change|save|write"
    r"|create|scan"
    r"|load|type|enter|join|boot|hold|hit|click|go|browse|ping|repeat|upload|download|swipe|tap|dial|ring|show|choose"
    r"|pick|confirm|approve|copy|unlock|lock|replug|walk|stand|leave|count|look|watch|listen|to \w+|\w+ed)\b"
    r"|had a (?:look|go|poke|peek|glance) (?:at|in|into|through|around|on|over)\b"
)
_BY_DOING: Final = re.compile(
    r"ing\b.* (?:fixes|helps only|worked|works|didn't|did not|does not|doesn't|made no|makes no|changed nothing"
    r"|changes nothing|fixed|helped|helps|had no|has no|brought)\b"
)
_BY_US: Final = re.compile(
    r"(?!.*\b(?:if|when|after|until|before|because|unless|once|since|as|as soon as|what|which|that|while|where|why|how"
    r"|than"
    r"|(?<!on )(?<!in )(?<!at )the (?:\w+ )?\w+|changes?|everything|things?|all) (?:i|we)\b)"
    r".*?(?:^|[ ,(])(?:i|we)(?:'ve| have)?(?: also| then| just| already| now| manually| even"
    r"| have)* (?P<verb>[a-z-]+)\b"
    r"(?! (?:not|nothing|by|that)\b)"
)
_BY_OURSELVES: Final = re.compile(
    r"[^,;:]* (?:\w+ed|put|set|reset|cut|shut|taken|made|done|\w*ge\w+t|\w*ge\w+en|ver\w+t|ent\w+t) (?:by|von) "
    r"(?:me|us|myself|ourselves|mir|uns)\b"
)
_BY_HAND: Final = re.compile(
    r"(?!.*\b(?:not|never|no|nicht|nie|kein\w*|i|we|ich|wir|must|should|will|is|are|was|were|has|have|can|could)\b)"
    r"[^,;]{3,80} (?:by hand|manually|per hand|von hand|manuell)(?:[,;:] | -+>? )"
)
_OTHER_THING: Final = re.compile(
    r"(?:(?:a|another|one|second|full|new|fresh|other|different|after a|nach einem|safe|clean|same|neuer?|neues"
    r"|zweiter|zweites|dritter|drittes|erneuter|nochmaliger|weiterer|third|anderer?"
    r"|anderes|mit anderem|mit neuem) )+(?:reboot|restart|reset|power cycle|rollback|reinstall|repair|cable|port|switch"
    r"|laptop|pc|mode|boot|phone|browser|profile|monitor|keyboard|mouse|dock|adapter|account|network|sim|socket|outlet"
    r"|charger|disk|nic|neustart|kabel|port|rechner|browser|profil|client|gerät|steckdose|patch cable|patchkabel)"
    r"(?=[,:;.!]| [-\u2013\u2192=]| on | in | at | and |$)"
)
_ON_ANOTHER: Final = re.compile(
    r"(?:\S+ ){1,4}(?:on|in|with|at|from|via|over|über|an|mit|auf) (?:another|a different|a second|a new|a spare"
    r"|einem anderen"
    r"|einer anderen|einem zweiten|einem neuen) \S+(?:[,:] | -+>? )"
)
_VERBLESS: Final = re.compile(
    r"(?!(?:[^,:;]* )(?:is|are|was|were|has|have|had|fails?|failed|shows?|says|gives|needs?|works?|runs|will|should|ist"
    r"|sind|wird|zeigt|läuft)\b)[^,:;]{3,60}(?:[,;] | -+>? | [\u2013\u2014\u2192] )"
)
_PREFIX: Final = re.compile(r"[^:]{2,40}: (?!.*: .*: )")
_ELLIPTIC: Final = re.compile(
    r"(?:(?!(?:not|never|nobody|nothing|no|be|if|when|after|until|before|that|which|is|are|was|were|has|been|gets?"
    r"|stays?|remains?|should|would|could|can|may|might|will|must|need|client|customer|user|users|caller"
    r"|he|she|they)\W|\w{1,8}n't\W)"
    rf"[^\s,;:]{{1,40}} ){{1,5}}?(?P<verb>[a-z-]+)(?: (?:again|twice|remotely|manually|(?:at"
    rf"|by) \S+)){{0,2}}{_CLAUSE_END}"
)
_TO_WHERE: Final = re.compile(
    r"(?!(?:not|never|nobody|nothing|no|be|if|when|after|until|before|that|which|client|customer|user|users|he|she"
    r"|they)\W)"
    r"(?:(?!(?:is|are|was|were|has|have|be|been|not|which|that|who|gets?|should|would|could|can|cannot|will|must"
    r"|\w{1,8}n't)\W)"
    r"[^\s,;:]{1,40} ){1,4}"
    r"(?P<verb>[a-z-]+ed|made|built|rebuilt|sent|taken|done) (?:on|in|to|from|into|onto|for"
    r"|via|with) [^\s,;:]+(?: [^\s,;:]+){0,3}(?:[,;:] | -+>? )"
)
_SHORT: Final = re.compile(
    r"(?!(?:is|are|was|were|has|not|never|no|client|customer|user|users|he|she|they)\W)(?:[^\s,;:]+ ){1,4}"
    r"(?P<verb>[a-z-]+)(?: (?:again|twice|once more|remotely|manually))?[.!]?$"
)
_PASSIVE: Final = re.compile(
    r"(?:[^\s,;:]{1,40} ){1,6}(?:was|were|has been|have been|wurde|wurden) (?:\w+ ){0,3}(?P<verb>[a-zäöü-]+)"
    + _CLAUSE_END
)
_SHAPE: Final = (
    r"(?:\w*ge\w{2,}(?:t|en)|\w{3,}iert|(?:um|ab|an|aus|ein|auf|neu)?(?:ver|ent|be|er|zer|über|unter|durch"
    r"|hinter|wider|wieder)\w{3,}(?:t|en)"
    r"|\w*(?:bootet|cleart|updatet|syncht))"
)
_GERMAN_PAST: Final = re.compile(
    r"(?:ich habe|wir haben|ich hab|habe|haben|hab|hab's|habs|habe's)(?: (?!nicht\b|noch\b|nie\b"
    r"|kein\w*\b)[^\s,;]+){1,9} "
    rf"(?P<verb>{_SHAPE})(?=[.,;:]| |$)"
)
_SHAPED: Final = re.compile(_SHAPE)
_PARTICIPLE: Final = re.compile(
    r"(?:(?!(?:ist|sind|war|waren|wird|werden|wurde|wurden|hat|hatte|hatten|nicht|nie|niemand|bitte|wenn|falls|sobald"
    r"|steht|stehen|bleibt|nachdem|soll\w*|m[uü]ss\w*|k[oö]nn\w*|kann|würde\w*|wären?|hätte\w*|dass|will|wollen"
    r"|lässt|lassen sich|zeigt|zeigen|meldet|melden|kommt|kommen|läuft|laufen|geht|gehen|gilt|gelten|wirkt|heißt"
    r"|fehlt|fehlen|braucht|brauchen|hängt|hängen|liegt|liegen|funktioniert|sieht|sehen|sagt|bekommt|bekommen"
    r"|keine?|(?<=^)(?:der |die )?(?:kunde|kundin|anwender|benutzer|user))\W)[^\s,;]{1,60} ){1,12}"
    rf"(?P<verb>laufen lassen|{_SHAPE})" + _GERMAN_END
)

_OPENS: Final = 1
_ENDS: Final = 2
_GERMAN: Final = 4
_DOING: Final = 8
_SAYS_US: Final = 16
_VERBLESS_HINT: Final = 32
_OTHER: Final = 64
_BY_HAND_HINT: Final = 128
_OPENERS: Final = (
    DID | PAST_OR_IMPERATIVE | DID_WITH.keys() | COMMANDS | NOUNS | {"had", "got", "made", "let"}
    | {"get", "start", "stop", "restart", "new", "remove", "invoke", "enable", "disable", "resolve", "add", "clear"}
    | PAST_IRREGULAR | {"update", "import", "export", "move", "connect", "unlock", "sync"}
    | {"started", "finished", "test", "same", "again"}
)  # fmt: skip


def hints_of_deed(word: str) -> int:
    """Bits for what a word could do in a deed, 0 for most words: a sentence of such words alone tells of none."""
    hints = _OPENS * (word in _OPENERS or _is_past(word)) | _ENDS * (word in DID or word in PAST_OR_IMPERATIVE)
    hints |= _SAYS_US * (word in US) | _DOING * word.endswith("ing") | _OTHER * (word in OTHER_THINGS)
    hints |= _GERMAN * (_is_participle(word) and _SHAPED.fullmatch(word) is not None)
    hints |= _BY_HAND_HINT * (word in {"hand", "manually", "manuell"})
    return hints | _VERBLESS_HINT * (word in VERBLESS_NOUNS or word in {"off", "clean"})


def deed(lowered: str, hints: int) -> Deed | None:
    """Whether `lowered`, a sentence in small letters, says so; `hints` are those of its words."""
    if not hints & ~_DOING:
        return None
    if lowered.startswith("tried: "):
        return "action"
    lowered = (ASIDE.sub("", lowered) if "(" in lowered else lowered).rstrip(": ")
    tokens = lowered.split(" ")
    at, is_perfect = 0, False
    for token in tokens[:MAX_LEAD]:
        bare = token.rstrip(STOPS)
        if bare not in LEADS and not (bare[:1].isdigit() and ":" in bare):
            break
        is_perfect = is_perfect or bare in PERFECT
        at += 1
    if at == len(tokens):
        return None
    if hints & _OPENS and NO_STEP.match(lowered):
        return None
    if (
        hints & _OPENS
        and (opened := _opening(lowered, tokens, at, is_perfect)) != "none"
        and (opened or not hints & _SAYS_US)
    ):
        return opened
    return _elsewhere(lowered, tokens[at : at + 3], hints)


def _opening(  # noqa: PLR0911  # one verb after the other
    lowered: str, tokens: list[str], at: int, is_perfect: bool
) -> Deed | Literal["none"] | None:
    """What the first word that is no lead makes of the sentence; "none" leaves it open."""
    if tokens[at] == "power" and tokens[at + 1 : at + 2] == ["cycled"]:
        return "action"
    if "itself" in tokens or "on its own" in lowered or "of its own" in lowered or "von selbst" in lowered:
        return None
    verb = tokens[at].rstrip(STOPS)
    is_cut = verb != tokens[at]
    following = tokens[at + 1 :]
    after = following[0].rstrip(STOPS) if following else ""
    if after in DID_WITH.get(verb, ()) and not is_cut:
        return None if _is_handed_over(following) else "action"
    if after in NOT_BY_US and not (after == "by" and _is_by_hand(following[1:2])):
        return None
    if verb.endswith("ed") and verb not in CHECKED and following and _is_adjective(verb, following[:3]):
        return "none"
    if verb in DID:
        return None if _is_handed_over(following) else "action" if after and not is_cut else "likely_action"
    if (did := _did_by_what_follows(lowered, verb, after, following, is_cut=is_cut)) != "none":
        return did
    if verb in WENT and (then := WENT_AND.search(lowered)) and _is_past(then["verb"]):
        return "action"
    if verb == "looked" and is_cut and is_perfect:
        return "command"
    return _past_or_command(verb, after, following, is_cut=is_cut, is_perfect=is_perfect)


def _did_by_what_follows(
    lowered: str, verb: str, after: str, following: list[str], *, is_cut: bool
) -> Deed | Literal["none"] | None:
    """Of verbs that also say what happens by itself."""
    if verb == "took" and after == "over":
        return None
    is_done = (
        (verb in {"turned", "switched", "powered", "took"} and _OFF.search(lowered) is not None)
        or (verb in {"had", "got", "made", "let"} and _HAD_DONE.match(" ".join([verb, *following])) is not None)
        or (verb in {"started", "finished"} and after and not is_cut and not _goes_by_itself(after))
        or (verb == "put" and bool(following) and following[-1].rstrip(STOPS) == "back")
        or (verb == "gave" and not is_cut and ("-" in after or any(map(str.isdigit, after))))
    )
    return "action" if is_done else "none"


def _past_or_command(
    verb: str, after: str, following: list[str], *, is_cut: bool, is_perfect: bool
) -> Deed | Literal["none"] | None:
    if verb in PAST_OR_IMPERATIVE:
        return None if after in {"me", "of"} or _tells(following) else "action" if is_perfect else "command"
    if verb in COMMANDS or verb in NOUNS or ("-" in verb and _CMDLET.fullmatch(verb)) or _is_test(verb, after):
        return None if _tells(following) else "command"
    if after and not is_cut and _is_past(verb) and not _tells(following):
        object_ = "".join(following[1:2])
        lasted = after[0].isdigit() and object_.rstrip(STOPS) in UNITS  # took 4 minutes
        went = (after in BY_ITSELF or (verb == "built" and after in {"on", "in", "by"})) and not (
            after in APART and object_ in DETERMINERS
        )  # ran out, not: threw out the
        return None if verb in PAST_IRREGULAR and (lasted or went) else "action"
    return "none"


def _is_handed_over(following: list[str]) -> bool:
    return following[:1] == ["the"] and "".join(following[1:2]).rstrip(STOPS) in HANDED_OVER


def _is_by_hand(following: list[str]) -> bool:
    return bool(following) and following[0].rstrip(STOPS) in BY_MEANS


def _goes_by_itself(after: str) -> bool:
    return after in STARTS_BY_ITSELF or after[0].isdigit() or after.endswith("ing")


def _is_test(verb: str, after: str) -> bool:
    return (verb == "test" and after in TESTED) or (
        verb in {"same", "again"} and after in {"again", "with", "from", "once", "against", "via", "through", "over"}
    )


def _tells(tokens: list[str]) -> bool:
    """Ping to the server works: what it says of itself comes before the clause ends."""
    for token in tokens:
        bare = token.rstrip(STOPS)
        if bare in TELLS:
            return True
        if bare != token or bare in CLAUSE_ENDS:
            return False
    return False


def _is_adjective(verb: str, tokens: list[str]) -> bool:
    """Installed version is 9.1; connected devices: 14."""
    if tokens[0] in DETERMINERS:
        return False
    says = tokens[2:3] if "".join(tokens[1:2]) in STILL else tokens[1:2]
    if (
        verb in ADJECTIVES
        and tokens[0][-1] not in STOPS
        and "".join(says) in (STATED_OF_MANY if tokens[0].endswith("s") else STATED)
    ):
        return True
    is_plural = tokens[0].endswith("s") and "".join(says) in OF_MANY
    return is_plural or tokens[0].endswith(":") or not FINITE.isdisjoint(tokens[1:])


def _elsewhere(lowered: str, first: list[str], hints: int) -> Deed | None:  # noqa: PLR0911
    if (
        hints & _SAYS_US
        and hints & _GERMAN
        and (did := _GERMAN_PAST.match(lowered))
        and (did["verb"] == "genommen" or _is_participle(did["verb"]))
    ):
        return "action"
    if (
        hints & _GERMAN
        and first[0] in LOOKED_DE
        and "".join(first[1:2]) in {"im", "in", "am", "an", "auf", "bei", "mit", "ob"}
    ):
        return "action"
    if hints & _DOING and first[0].endswith("ing") and _BY_DOING.search(lowered):
        return "likely_action"
    if hints & _VERBLESS_HINT and not VERBLESS_NOUNS.isdisjoint(first) and _VERBLESS.match(lowered):
        return "command"
    if hints & _OTHER and (_OTHER_THING.match(lowered) or _ON_ANOTHER.match(lowered)):
        return "command"
    if hints & _SAYS_US and hints & _OPENS and (ours := _BY_US.match(lowered)) and _did_in(ours, lowered):
        return "action"
    if hints & _BY_HAND_HINT and _BY_HAND.match(lowered):
        return "command"
    if ": " in lowered and (prefix := _PREFIX.match(lowered)) and prefix.end() < len(lowered):
        return deed(lowered[prefix.end() :], hints) or (_ending_german(prefix[0]) if hints & _GERMAN else None)
    return _late(lowered, hints)


def _late(lowered: str, hints: int) -> Deed | None:
    """The verb stands at the end of the clause."""
    if hints & _ENDS and (found := _TO_WHERE.match(lowered)) and _is_told(found["verb"]):
        return "action"
    if hints & _ENDS and (found := _ELLIPTIC.match(lowered)) and _ends_deed(found["verb"]):
        brief = _SHORT.match(lowered)
        return "action" if brief and brief["verb"] in DID and brief["verb"] not in STATELY else "likely_action"
    if hints & (_ENDS | _GERMAN) and (found := _PASSIVE.match(lowered)) and _is_done(found["verb"]):
        return "likely_action"
    if hints & _SAYS_US and hints & (_ENDS | _GERMAN) and _BY_OURSELVES.match(lowered):
        return "action"
    return _ending_german(lowered) if hints & _GERMAN else None


def _did_in(ours: re.Match[str], lowered: str) -> bool:
    verb = ours["verb"]
    after = lowered[ours.end() :].split(maxsplit=1)
    return _is_past(verb) or (bool(after) and after[0] in DID_WITH.get(verb, ()))


def _is_told(verb: str) -> bool:
    return verb[-2:] != "ed" or (verb in DID and verb not in STATELY)


def _ending_german(lowered: str) -> Deed | None:
    found = _PARTICIPLE.match(lowered)
    return "action" if found and _is_participle(found["verb"]) else None


def _ends_deed(verb: str) -> bool:
    return verb in DID or verb in PAST_OR_IMPERATIVE


def _is_done(verb: str) -> bool:
    return verb in DID or _is_participle(verb)


def _is_past(verb: str) -> bool:
    return (
        verb in DID
        or verb in PAST_IRREGULAR
        or (len(verb) > len("need") and verb[-2:] == "ed" and verb not in NO_DEEDS)
    )


def _is_participle(verb: str) -> bool:
    return verb[-1] in "tn" and verb not in NO_DEEDS_DE
