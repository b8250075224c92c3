"""Takes secrets out of text before it is stored in a package or leaves for a model."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

REDACTED: Final = "[redacted]"

_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_QUOTES: Final = "\"'`„“"
_SYMBOLS: Final = frozenset("!@#$%^&*+=~?§€")

# What may stand after "password is" or "password:" without being one.
_ORDINARY_WORDS: Final = """
a about above accepted again all already also always an and any are as asked at aging allowed attached available
bad be because been being below better blank blocked but by cached case changed changes changing complexity compliant
compromised correct correctly corrupt current default denied different disabled done due empty enabled encrypted
entered entry exceeded exempt expired expires expiring expiry fails failed fine for forgotten from generated given
good had has hash hashed hidden history i if in incorrect into invalid is issue it its known leaked length less
locked longer lost may mismatch missing must n/a needed needs never new no none not now null of off ok okay old on
only or our out outdated over pending please policy policies problem prompt prompted protected rejected required
requested reset resets resetting reused rotated safe same saved secure sent set shared should so somehow still
stored strong sync synced syncing temporary that the their then there they this to too true unchanged unclear under
unknown unset until up updated updating used valid verified via wait was weak were what when where which who will
with without working works would wrong yes you your false
abgelaufen aber akzeptiert als alt am an auch auf bekannt bereits bitte das dem den der die ein eine einen erneut
falsch fehlt für geändert gesperrt gesetzt geht gültig hat ich im immer in ist ja kein keine korrekt leer mit nein
neu nicht noch oder richtig schon seit sein sie stimmt und unbekannt ungültig unverändert vergessen vom von war was
weg wird wurde zu zurückgesetzt zurücksetzen
"""
_ORDINARY: Final = frozenset(_ORDINARY_WORDS.split())
_PUNCTUATION: Final = ".,;:)]}>?\"'`*_"
_ERROR_CODE: Final = re.compile(r"0x[0-9a-f]{1,8}", re.IGNORECASE)
_GUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# A diagnosis needs these: where the wording is loose they are never taken for a secret.
_CODE_OR_TIME: Final = re.compile(
    rf"0x[0-9a-f]{{1,16}}|{_GUID}|\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?:[:/]\d+)?|\d\d?:\d\d.*|\d{{4}}-\d\d-\d\d.*|KB\d+",
    re.IGNORECASE,
)
_HOST_OR_ADDRESS: Final = re.compile(
    r"[A-Z]{2}[A-Z0-9]*+(?:-[A-Z0-9]++)*+|[\w-]+(?:\.[\w-]+){2,}|\w[\w.+-]*@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"
)

_S: Final = r"[^\S\r\n]*+"
_STRONG: Final = r"(?:passwor[dt]s?|kennwort|passwd|passphrase|passcode|(?<![a-z0-9])pwd?(?![a-z0-9]))"
_NAMED: Final = (
    r"(?<![a-z0-9])(?:pass|pin|psk|otp|(?:mfa|2fa|otp|sms)[ _-]?code|pre-?shared[ _-]key|wi-?fi[ _-]key"
    r"|api[ _-]?(?:key|token|secret)|(?:client|shared|app)[ _-]?secret|secret(?:[ _-]?access)?[ _-]?key|secret"
    r"|access[ _-]?(?:key|token)|account[ _-]?key|shared[ _-]?access[ _-]?key|auth[ _-]?token|zugangscode)"
)
_KEYWORD: Final = r"(?<![a-z])(?:key|token|schlüssel|sig(?==)|signature|session[ _-]?id)"
_IS: Final = r"(?:is|was|are|ist|war|lautet|lautete|sind)\b"
_YET: Final = rf"(?:(?:now|still|currently|just|set to|reset to|changed to|jetzt|nun|aktuell)\b{_S}){{0,2}}"
_SIGN: Final = (
    rf"(?:{_S}{_IS})?{_S}[\"'`*_]*+{_S}(?P<sign>=>|->|[:=|→]){_S}(?:\*\*)?{_S}"
    rf"(?:\r?\n{_S}(?=\S++{_S}(?:\r?\n|\Z)))?"  # a value on the next line is alone on it
)
_QUOTED: Final = r""""[^"\r\n]{1,256}"|'[^'\r\n]{1,256}'|`[^`\r\n]{1,256}`|„[^“”\r\n]{1,256}[“”]|“[^”\r\n]{1,256}”"""
_VALUE: Final = rf"(?P<value>{_QUOTED}|\S++)"


def _is_ordinary(value: str) -> bool:
    return REDACTED in value or value.strip(_PUNCTUATION + "!([{").lower() in _ORDINARY


def _is_mixed(value: str) -> bool:
    """Looks made rather than spoken: letters, and digits or symbols among them."""
    return any(map(str.isalpha, value)) and (any(map(str.isdigit, value)) or not _SYMBOLS.isdisjoint(value))


def _masked(match: re.Match[str], value: str) -> str:
    """`value` ends the match; what stands before it and the punctuation after it stay."""
    secret = value if value[0] in _QUOTES else value.rstrip(_PUNCTUATION)
    lead = match[0][: len(match[0]) - len(value)]
    return lead + REDACTED + value[len(secret) :] if secret else match[0]


def _mask_stated(match: re.Match[str]) -> str:
    value = match["value"]
    is_plain = _is_ordinary(value) or _ERROR_CODE.fullmatch(value.rstrip(_PUNCTUATION))
    return match[0] if is_plain else _masked(match, value)


def _mask_assigned(match: re.Match[str]) -> str:
    """As `_mask_stated`; `Password=x;Database=y` and `pwd=x&user=y` keep what follows the secret."""
    value = match["value"]
    end = min((at for at in map(value.find, ";&,") if at > 0), default=-1)
    if match["sign"] != "=" or end < 0 or value[0] in _QUOTES:
        return _mask_stated(match)
    kept = len(value) - end
    return match[0] if _is_ordinary(value[:end]) else match[0][: -len(value)] + REDACTED + match[0][-kept:]


def _mask_mixed(match: re.Match[str]) -> str:
    value = match["value"]
    bare = value.strip(_PUNCTUATION)
    is_plain = _is_ordinary(value) or not _is_mixed(bare) or _CODE_OR_TIME.fullmatch(bare)
    return match[0] if is_plain else _masked(match, value)


def _mask_distant(match: re.Match[str]) -> str:
    return match[0] if _HOST_OR_ADDRESS.fullmatch(match["value"].strip(_PUNCTUATION)) else _mask_mixed(match)


_Mask = tuple[str, str | Callable[[re.Match[str]], str]]


@dataclass(frozen=True, slots=True)
class _Rule:
    """The masks are tried only where one of `hints` occurs in the lower-cased text."""

    hints: tuple[str, ...]
    masks: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]


def _rule(hints: str, *masks: _Mask, flags: re.RegexFlag = re.IGNORECASE) -> _Rule:
    return _Rule(tuple(hints.split("|")), tuple((re.compile(pattern, flags), mask) for pattern, mask in masks))


# Every repetition is possessive, bounded, or followed by what it cannot itself match: time is linear in the text.
_RULES: Final = (
    _rule(
        "private",
        (
            (
                r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
                r"(?:[^-]|-(?!----END))*+(?:-----END [A-Z0-9 ]{0,50}-----)?"
            ),
            REDACTED,
        ),
    ),
    _rule(
        "authorization|api-key",
        (
            (
                rf"(?<!\w)((?:proxy-)?authorization|x-api-key)([\"']?{_S}[:=]{_S}[\"']?)"
                rf"(?:(?:digest|negotiate|ntlm)\b[^\r\n\"']*+|(?:(?:bearer|basic|token|apikey)\b{_S})?[^\s\"']++)"
            ),
            rf"\1\2{REDACTED}",
        ),
    ),
    _rule("cookie", (rf"(cookie[\"']?:{_S})[\w.-]{{1,64}}=[^\r\n\"']++", rf"\1{REDACTED}")),
    _rule(
        "bearer",
        (
            rf"(bearer{_S}[:=]?{_S})(?:(?=[a-z._~+/-]{{0,64}}\d)[\w.~+/=-]{{8,}}|[\w.~+/=-]{{24,}})",
            rf"\1{REDACTED}",
        ),
    ),
    _rule("eyj", (r"eyJ(?<![\w-]eyJ)[\w-]{8,}+(?:\.[\w-]*+){1,4}", REDACTED), flags=re.NOFLAG),
    _rule(
        "_|akia|asia|glpat-|sk-|xox|aiza|sg.",
        (
            (
                r"(?<![A-Za-z0-9])(?:(?:AKIA|ASIA)[A-Z0-9]{12,}|gh[oprsu]_[A-Za-z0-9]{10,}|github_pat_\w{10,}"
                r"|glpat-[\w-]{10,}|(?<![_-])sk-[\w-]{10,}|[rsp]k_(?:live|test)_\w{8,}|xox[a-z]-[\w-]{8,}|AIza[\w-]{20,}"
                r"|SG\.[\w-]{10,64}\.[\w-]{10,}|(?:npm|hf)_[A-Za-z0-9]{16,})"
            ),
            REDACTED,
        ),
        flags=re.NOFLAG,
    ),
    _rule(
        "://",
        (r"(hooks\.slack\.com/|webhook\.office\.com/)[^\s\"'<>)]++", rf"\1{REDACTED}"),
        (r"://[^\s/@:]{0,64}:(?!\d{1,5}[/\s])[^\s\"'<>]{1,256}@", f"://{REDACTED}@"),
    ),
    _rule("-", (r"\d(?<![\d-]\d)\d{5}(?:-\d{6}){7}(?![\d-])", REDACTED)),  # a disk's recovery key
    _rule("securestring", (rf"convertto-securestring{_S}(?:-string{_S})?{_VALUE}", _mask_stated)),
    _rule(
        "/user:",
        (rf"/user:\S{{1,128}}\s{_S}(?![/-]){_VALUE}", _mask_stated),
        (rf"net use (?:\S{{1,64}} )?\\\\\S{{1,128}}\s{_S}(?![/-]){_VALUE}", _mask_stated),
    ),
    _rule("curl", (rf"curl\b.{{0,200}}?\s(?:-u|--user){_S}(?P<value>[^\s:]{{1,64}}:\S++)", _mask_stated)),
    _rule(
        "pass|kennwort|pw",
        (rf"{_STRONG}(?:[_-]\w{{1,24}}(?==))?{_SIGN}{_VALUE}", _mask_assigned),
        (rf"{_STRONG}{_S}{_IS}{_S}{_YET}{_VALUE}", _mask_stated),
        (rf"{_STRONG}(?=\s){_S}(?:(?:to|auf|zu|as|als|[-\u2013\u2014>]{{1,2}})\s{_S})?{_VALUE}", _mask_mixed),
        (
            (
                rf"{_STRONG}(?:[^\S\r\n]++[\w@\\.'/-]{{1,40}}){{1,6}}?"
                rf"(?::|=|[^\S\r\n]++(?:{_IS}|to\b|auf\b|zu\b)){_S}{_YET}{_VALUE}"
            ),
            _mask_distant,
        ),
    ),
    _rule(
        "key|secret|token|code|pass|pin|psk|otp",
        (rf"{_NAMED}{_SIGN}{_VALUE}", _mask_assigned),
        (rf"{_NAMED}(?=\s){_S}(?:{_IS}{_S}{_YET})?{_VALUE}", _mask_mixed),
    ),
    _rule(
        "key|token|schlüssel|sig=|signature|session",
        (
            (
                rf"{_KEYWORD}[\"']?{_S}(?:[:=]|{_IS})?{_S}(?!{_GUID}|0x)"
                r"(?P<value>(?=[a-z+/_=-]{0,64}\d)[a-z0-9+/_=%-]{16,})(?![\w.\\])"
            ),
            _mask_mixed,
        ),
    ),
    _rule(
        "login|logon|cred|gsdaten|ldedaten",
        (
            (
                rf"(?:credentials?|creds?|log[io]n|zugangsdaten|anmeldedaten){_S}(?:[:=]|{_IS}){_S}"
                rf"[a-z][\w.@\\+-]{{0,64}}{_S}[/|:]{_S}(?!/){_VALUE}"
            ),
            _mask_mixed,
        ),
    ),
)


def redact(text: str) -> str:
    """`text` with every secret it states replaced by `[redacted]`, in time linear in its length.

    Characters that nobody sees are dropped first, so that none can hide a key word, and the answer can always be
    encoded as UTF-8. Error codes, GUIDs, ticket numbers, addresses and host names stay.
    """
    text = _UNSEEN.sub("", text)
    lowered = text.lower()
    for rule in _RULES:
        for hint in rule.hints:  # a plain loop: any() costs more than all the searches of an ordinary text
            if hint in lowered:
                text = _masked_by(rule, text)
                break
    return text


def _masked_by(rule: _Rule, text: str) -> str:
    for pattern, mask in rule.masks:
        text = pattern.sub(mask, text)
    return text
