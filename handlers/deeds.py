"""Tells what a sentence's author did from plans, symptoms and what others did, in English and German."""

from __future__ import annotations

import re
from typing import Final, Literal

from handlers.wording import words

Deed = Literal["action", "command", "likely_action"]
"""`command`: a result makes it one; `likely_action`: only one that is worded like a result does."""

_DID: Final = words(
    """
    disabled enabled added removed created deleted changed switched moved migrated installed uninstalled replaced
    blocked allowed whitelisted excluded opened renamed granted revoked assigned paused redirected forwarded
    bypassed increased raised lowered decreased configured reconfigured adjusted applied upgraded downgraded updated
    mapped reverted swapped rerouted restarted rebooted cleared reinstalled re-installed re-added readded re-enabled
    patched restored rebuilt recreated re-created repaired flushed renewed released unlocked checked verified tested
    tried attempted executed compared reviewed searched scanned pinged traced captured collected exported imported
    unblocked killed terminated unplugged reseated reconnected remapped rejoined joined synced resynced forced
    extended freed copied registered re-registered cleaned purged emptied relaunched retried power-cycled rescanned
    rolled powered stopped closed asked called phoned emailed mailed messaged
    cloned mounted
    """
)
_PAST_OR_IMPERATIVE: Final = words("set put reset cut let read shut split")
_DID_WITH: Final = {
    verb.strip(): words(after)
    for verb, after in (
        line.split(": ")
        for line in """
        got: him her them on hold rid
        had: him her them
        made: a an the another sure
        gave: him her them the it user
        went: through over back into
        looked: at in into up through over for on
        turned: off on the it both all down up
        set: up
        failed: over
        logged: in on into onto off out the him her them
        signed: in on into out off him her them
        shut: down
        hooked: up
        dropped: the a him her
        fixed: the a its his her
        started: the a an it up
        finished: the a
        rejected: the a
        connected: to the a him her via with directly
        disconnected: the a all him her it
        used: the a an another
        locked: the him her
        limited: the
        """.strip().splitlines()
    )
}
"""Verbs that say what somebody did only before one of these words."""
# They end in -ed and say what happened, what was thought or what was promised, or are no verbs.
_NO_DEEDS: Final = words(
    """
    failed crashed dropped died needed noticed seemed appeared occurred happened worked helped ended continued
    lasted remained stayed expected hoped wanted liked assumed suspected guessed supposed agreed resolved solved
    fixed started affected related based promised informed assured scheduled planned delayed expired received
    observed experienced reported waited learned realised realized escalated noted rejected denied refused finished
    completed returned connected disconnected timed succeeded passed caused used attached limited reached exceeded
    decided mentioned claimed complained explained replied answered indeed speed feed need seed red bed embedded
    mixed unchanged outdated corrupted degraded unexpected vanished locked looked turned talked detected listed
    undocumented managed unmanaged required hundred shared hosted dedicated
    """
)
_NO_DEEDS_DE: Final = words(
    """
    gefreut gewartet gemeldet gehört gesehen gefunden bekommen geblieben gewesen geworden gelaufen gegangen gekommen
    passiert geplant gelassen geeignet geöffnet vermutet verschwunden abgestürzt ausgefallen aufgetreten betroffen
    beschädigt belegt erreicht gesperrt eingefroren hängengeblieben unverändert bestätigt gesagt zugesagt
    versprochen gestern gesamt bereit benutzt verwendet besetzt begonnen aufgefallen eingetreten erhalten management
    engagement arrangement basement benefit bereitet vergessen verloren besten ersten genommen bestehen entstehen
    erwartet between
    """
)
_COMMANDS: Final = words(
    """
    dbcc curl wget ipconfig ping tracert traceroute nslookup dig sfc dism chkdsk gpupdate gpresult netsh telnet
    robocopy iisreset nbtstat arp ssh systemctl netstat whoami klist nltest dcdiag repadmin w32tm certutil bcdedit
    esxcli vmkping iperf iperf3 mtr nc openssl fsck vssadmin wevtutil schtasks sc diskpart eseutil lsof journalctl
    pathping smartctl zpool net
    """
)
_NOUNS: Final = words(
    """
    reboot restart reinstall reinstallation power-cycle rollback reset repair neustart neuinstallation tausch kaltstart
    zurücksetzen reseat resync rescan failover
    """
)
_VERBLESS_NOUNS: Final = words(
    """
    install upload provision test memtest scan reboot restart reset swap exchange repair sync rescan rebuild downgrade
    rollback off/on on/off retry restore cleanup clean-up failover upgrade neustart tausch reparatur neuinstallation
    """
)
_OTHER_THINGS: Final = words(
    """
    reboot restart reset cycle rollback reinstall repair cable port switch laptop pc mode boot phone browser profile
    monitor keyboard mouse dock adapter account network sim socket outlet charger disk nic neustart kabel rechner profil
    client gerät steckdose patchkabel
    """
)
_BY_ITSELF: Final = words("for out at into no not so that")
_NOT_BY_US: Final = words("by like itself due everything nothing there not yet within because when if after until")
_TELLS: Final = words(
    """
    shows show says lists reports gives is has was are were works fails returns answers times geht läuft antwortet ist
    steht bringt liefert ok okay fine
    """
)
_LEADS: Final = words(
    """
    i we i've we've have then next first also already just so since ok okay and but now today yesterday earlier again
    finally manually remotely done update meanwhile afterwards later quickly hi right step - \u2013 \u2014 &
    """
)
_PERFECT: Final = words("i we i've we've have already also just")
_US: Final = words("i we ich wir habe haben hab")
_PAST_IRREGULAR: Final = words(
    """
    ran re-ran reran sent took wrote built rang spoke did brought dug swung rebuilt redid held drove rode sat spun threw
    fed hung bent drew unbound dialled unhooked undid overrode
    """
)
_STATELY: Final = _PAST_OR_IMPERATIVE | words(
    """
    disabled enabled blocked closed opened stopped paused installed removed excluded allowed assigned confirmed locked
    signed changed moved updated
    """
)
"""At the end of a sentence they may say how something is."""
_DETERMINERS: Final = words("the a an all both his her my our their its it them this that these those every each")
_FINITE: Final = words("is are was were has have = shows does do")
_HANDED_OVER: Final = words("ticket session issue client customer user team docs documentation notes wiki case")
_MAX_LEAD: Final = 6
_STOPS: Final = ",;:.!"
_CLAUSE_ENDS: Final = words("- \u2013 \u2014 -> => = \u2192 but and aber und")

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
    r"|test|put|take|press|pull|reset|install|update|close|start|stop|clear|delete|remove|change|to \w+|\w+ed)\b"
    r"|had a (?:look|go|poke) (?:at|in|into|through|around|on)\b"
)
_BY_DOING: Final = re.compile(
    r"ing\b.* (?:fixes|helps only|worked|works|didn't|did not|does not|doesn't|made no|makes no|changed nothing"
    r"|changes nothing|fixed|helped|helps|had no|has no|brought)\b"
)
_BY_US: Final = re.compile(
    r"(?!.*\b(?:if|when|after|until|before|because|unless|once|since|as soon as|what|which|that|while|where|why|how"
    r"|than"
    r"|(?<!on )(?<!in )(?<!at )the (?:\w+ )?\w+|changes?|everything|things?|all) (?:i|we)\b)"
    r".*?(?:^|[ ,(])(?:i|we)(?:'ve| have)?(?: also| then| just| already| now| manually| even"
    r"| have)* (?P<verb>[a-z-]+)\b"
    r"(?! (?:not|nothing|by|that)\b)"
)
_OTHER_THING: Final = re.compile(
    r"(?:(?:a|another|one|second|full|new|fresh|other|different|after a|nach einem|safe|clean|same|neuer?|neues"
    r"|anderer?"
    r"|anderes|mit anderem|mit neuem) )+(?:reboot|restart|reset|power cycle|rollback|reinstall|repair|cable|port|switch"
    r"|laptop|pc|mode|boot|phone|browser|profile|monitor|keyboard|mouse|dock|adapter|account|network|sim|socket|outlet"
    r"|charger|disk|nic|neustart|kabel|port|rechner|browser|profil|client|gerät|steckdose|patch cable|patchkabel)"
    r"(?=[,:;.!]| [-\u2013\u2192=]| on | in | at | and |$)"
)
_VERBLESS: Final = re.compile(
    r"(?!(?:[^,:;]* )(?:is|are|was|were|has|have|had|fails?|failed|shows?|says|gives|needs?|works?|runs|will|should|ist"
    r"|sind|wird|zeigt|läuft)\b)[^,:;]{3,60}(?:[,;] | -+>? | [\u2013\u2014\u2192] )"
)
_PREFIX: Final = re.compile(r"[^:]{2,40}: (?!.*: .*: )")
_ELLIPTIC: Final = re.compile(
    r"(?:(?!(?:not|never|nobody|nothing|no|be|if|when|after|until|before|that|which|is|are|was|were|has|been|gets?"
    r"|stays?|remains?|should|would|could|will|must|need|client|customer|user|users|caller|he|she|they)\W|\w{1,8}n't\W)"
    rf"[^\s,;:]{{1,40}} ){{1,5}}?(?P<verb>[a-z-]+)(?: (?:again|twice|remotely|manually|(?:at"
    rf"|by) \S+)){{0,2}}{_CLAUSE_END}"
)
_SHORT: Final = re.compile(
    r"(?!(?:is|are|was|were|has|not|never|no|client|customer|user|users|he|she|they)\W)(?:[^\s,;:]+ ){1,4}"
    r"(?P<verb>[a-z-]+)(?: (?:again|twice|once more|remotely|manually))?[.!]?$"
)
_PASSIVE: Final = re.compile(
    r"(?:[^\s,;:]{1,40} ){1,6}(?:was|were|has been|have been|wurde|wurden) (?:\w+ ){0,3}(?P<verb>[a-zäöü-]+)"
    + _CLAUSE_END
)
_GERMAN_PAST: Final = re.compile(r"(?:ich habe|wir haben|habe|haben|hab) (?:\S+ ){1,8}?(?P<verb>\S+)[.,]?(?= |$)")
_SHAPE: Final = (
    r"(?:\w*ge\w{2,}(?:t|en)|\w{3,}iert|(?:um|ab|an|aus|ein|auf|neu)?(?:ver|ent|be|er|zer|über|unter"
    r"|wieder)\w{3,}(?:t|en)"
    r"|\w*(?:bootet|cleart|updatet|syncht))"
)
_SHAPED: Final = re.compile(_SHAPE)
_PARTICIPLE: Final = re.compile(
    r"(?:(?!(?:ist|sind|war|waren|wird|werden|wurde|wurden|hat|hatte|hatten|nicht|nie|niemand|bitte|wenn|falls|sobald"
    r"|steht|stehen|bleibt|nachdem|soll\w*|m[uü]ss\w*|k[oö]nn\w*|kann|würde\w*|dass|will|wollen|lässt|lassen sich"
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
_OPENERS: Final = (
    _DID | _PAST_OR_IMPERATIVE | _DID_WITH.keys() | _COMMANDS | _NOUNS | {"had", "got", "made", "let"}
    | {"get", "start", "stop", "restart", "new", "remove", "invoke", "enable", "disable", "resolve", "add", "clear"}
    | _PAST_IRREGULAR | {"update", "import", "export", "move", "connect", "unlock", "sync"}
)  # fmt: skip


def hints_of_deed(word: str) -> int:
    """Bits for what a word could do in a deed, 0 for most words: a sentence of such words alone tells of none."""
    hints = _OPENS * (word in _OPENERS or _is_past(word)) | _ENDS * (word in _DID or word in _PAST_OR_IMPERATIVE)
    hints |= _SAYS_US * (word in _US) | _DOING * word.endswith("ing") | _OTHER * (word in _OTHER_THINGS)
    hints |= _GERMAN * (_SHAPED.fullmatch(word) is not None and _is_participle(word))
    return hints | _VERBLESS_HINT * (word in _VERBLESS_NOUNS or word in {"off", "clean"})


def deed(lowered: str, hints: int) -> Deed | None:
    """Whether `lowered`, a sentence in small letters, says so; `hints` are those of its words."""
    if not hints & ~_DOING:
        return None
    if lowered.startswith("tried: "):
        return "action"
    lowered = lowered.rstrip(":")
    tokens = lowered.split(" ")
    at, is_perfect = 0, False
    for token in tokens[:_MAX_LEAD]:
        bare = token.rstrip(_STOPS)
        if bare not in _LEADS and not (bare[:1].isdigit() and ":" in bare):
            break
        is_perfect = is_perfect or bare in _PERFECT
        at += 1
    if at == len(tokens):
        return None
    if hints & _OPENS and (opened := _opening(lowered, tokens, at, is_perfect)) != "none":
        return opened
    return _elsewhere(lowered, tokens[at : at + 3], hints)


def _opening(  # noqa: C901, PLR0911  # one verb after the other
    lowered: str, tokens: list[str], at: int, is_perfect: bool
) -> Deed | Literal["none"] | None:
    """What the first word that is no lead makes of the sentence; "none" leaves it open."""
    if tokens[at] == "power" and tokens[at + 1 : at + 2] == ["cycled"]:
        return "action"
    verb = tokens[at].rstrip(_STOPS)
    is_cut = verb != tokens[at]
    after = tokens[at + 1].rstrip(_STOPS) if at + 1 < len(tokens) else ""
    if after in _DID_WITH.get(verb, ()) and not is_cut:
        is_handed_over = after == "the" and tokens[at + 2 : at + 3] and tokens[at + 2].rstrip(_STOPS) in _HANDED_OVER
        return None if is_handed_over else "action"
    if after in _NOT_BY_US:
        return None
    if verb.endswith("ed") and tokens[at + 1 : at + 2] and _is_adjective(tokens[at + 1 : at + 4]):
        return "none"
    if verb in _DID:
        is_handed_over = after == "the" and tokens[at + 2 : at + 3] and tokens[at + 2].rstrip(_STOPS) in _HANDED_OVER
        return None if is_handed_over else "action" if after and not is_cut else "likely_action"
    if verb in {"turned", "switched", "powered", "took"} and _OFF.search(lowered):
        return "action"
    if verb in {"had", "got", "made", "let"} and _HAD_DONE.match(" ".join(tokens[at:])):
        return "action"
    if verb in _PAST_OR_IMPERATIVE:
        return None if after == "me" or _tells(tokens[at + 1 :]) else "action" if is_perfect else "command"
    if verb in _COMMANDS or verb in _NOUNS or ("-" in verb and _CMDLET.fullmatch(verb)):
        return None if _tells(tokens[at + 1 :]) else "command"
    if after and not is_cut and _is_past(verb) and not _tells(tokens[at + 1 :]):
        goes_by_itself = after in _BY_ITSELF or after[0].isdigit()  # ran for an hour, took 4 minutes
        return None if verb in _PAST_IRREGULAR and goes_by_itself else "action"
    return "none"


def _tells(tokens: list[str]) -> bool:
    """Ping to the server works: what it says of itself comes before the clause ends."""
    for token in tokens:
        bare = token.rstrip(_STOPS)
        if bare in _TELLS:
            return True
        if bare != token or bare in _CLAUSE_ENDS:
            return False
    return False


def _is_adjective(tokens: list[str]) -> bool:
    """Installed version is 9.1; connected devices: 14."""
    return tokens[0] not in _DETERMINERS and (tokens[0].endswith(":") or not _FINITE.isdisjoint(tokens[1:]))


def _elsewhere(lowered: str, first: list[str], hints: int) -> Deed | None:  # noqa: PLR0911
    if hints & _SAYS_US and hints & _GERMAN and _GERMAN_PAST.match(lowered) and _PARTICIPLE.match(lowered):
        return "action"
    if hints & _DOING and first[0].endswith("ing") and _BY_DOING.search(lowered):
        return "likely_action"
    if hints & _VERBLESS_HINT and not _VERBLESS_NOUNS.isdisjoint(first) and _VERBLESS.match(lowered):
        return "command"
    if hints & _OTHER and _OTHER_THING.match(lowered):
        return "command"
    if hints & _SAYS_US and hints & _OPENS and (ours := _BY_US.match(lowered)) and _is_past(ours["verb"]):
        return "action"
    if (prefix := _PREFIX.match(lowered)) and prefix.end() < len(lowered):
        return deed(lowered[prefix.end() :], hints)
    return _late(lowered, hints)


def _late(lowered: str, hints: int) -> Deed | None:
    """The verb stands at the end of the clause."""
    if hints & _ENDS and (found := _ELLIPTIC.match(lowered)) and _ends_deed(found["verb"]):
        brief = _SHORT.match(lowered)
        return "action" if brief and brief["verb"] in _DID and brief["verb"] not in _STATELY else "likely_action"
    if hints & (_ENDS | _GERMAN) and (found := _PASSIVE.match(lowered)) and _is_done(found["verb"]):
        return "likely_action"
    if hints & _GERMAN and (found := _PARTICIPLE.match(lowered)) and _is_participle(found["verb"]):
        return "action"
    return None


def _ends_deed(verb: str) -> bool:
    return verb in _DID or verb in _PAST_OR_IMPERATIVE


def _is_done(verb: str) -> bool:
    return verb in _DID or _is_participle(verb)


def _is_past(verb: str) -> bool:
    return (
        verb in _DID
        or verb in _PAST_IRREGULAR
        or (len(verb) > len("need") and verb[-2:] == "ed" and verb not in _NO_DEEDS)
    )


def _is_participle(verb: str) -> bool:
    return verb[-1] in "tn" and verb not in _NO_DEEDS_DE
