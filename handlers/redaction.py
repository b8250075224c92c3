"""Takes secrets out of text before it is stored in a package or leaves for a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from handlers.masks import (
    GUID,
    IS,
    KEYWORD,
    NAMED,
    REDACTED,
    SIGN,
    STRONG,
    UNSEEN,
    VALUE,
    YET,
    S,
    mask_assigned,
    mask_codes,
    mask_distant,
    mask_made,
    mask_mixed,
    mask_odd,
    mask_quoted,
    mask_random,
    mask_shaped,
    mask_stated,
)

__all__ = ["REDACTED", "redact"]

_Mask = tuple[str, str | Callable[[re.Match[str]], str]]


@dataclass(frozen=True, slots=True)
class _Rule:
    """The masks are tried only where one of `hints` occurs within a word of the lower-cased text, `=hint`: is one."""

    hints: tuple[str, ...]
    masks: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]


def _rule(hints: str, *masks: _Mask, flags: re.RegexFlag = re.IGNORECASE) -> _Rule:
    return _Rule(tuple(hints.split("|")), tuple((re.compile(pattern, flags), mask) for pattern, mask in masks))


_DASHES: Final = "dashes"
"""Stands for a hint: so many dashes as the shortest key of groups has."""
_MIN_DASHES: Final = 4
_LONG: Final = "long"
"""The same: a word of `_MIN_LONG` characters."""
_MIN_LONG: Final = 20


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
                rf"(?<!\w)((?:proxy-)?authorization|x-api-key)([\"']?{S}[:=]{S}[\"']?)"
                rf"(?:(?:digest|negotiate|ntlm)\b[^\r\n\"']*+|(?:(?:bearer|basic|token|apikey)\b{S})?[^\s\"']++)"
            ),
            rf"\1\2{REDACTED}",
        ),
    ),
    _rule("cookie", (rf"(cookie[\"']?:{S})[\w.-]{{1,64}}=[^\r\n\"']++", rf"\1{REDACTED}")),
    _rule(
        "bearer",
        (
            rf"(bearer{S}[:=]?{S})(?:(?=[a-z._~+/-]{{0,64}}\d)[\w.~+/=-]{{8,}}|[\w.~+/=-]{{24,}})",
            rf"\1{REDACTED}",
        ),
    ),
    _rule("eyj", (r"eyJ(?<![\w-]eyJ)[\w-]{8,}+(?:\.[\w-]*+){1,4}", REDACTED), flags=re.NOFLAG),
    _rule(
        "_|akia|asia|glpat-|sk-|xox|aiza|sg.",
        (
            (
                r"(?<![A-Za-z0-9])(?:(?:AKIA|ASIA)[A-Z0-9]{12,}|gh[oprsu]_[A-Za-z0-9]{10,}|github_pat_\w{10,}"
                r"|glpat-[\w-]{10,}|(?<![_-])sk-[\w-]{10,}|[rsp]k_(?:live|test)_\w{8,}|xox[a-z]-[\w-]{8,}"
                r"|AIza[\w-]{20,}"
                r"|SG\.[\w-]{10,64}\.[\w-]{10,}|(?:npm|hf)_[A-Za-z0-9]{16,})"
            ),
            REDACTED,
        ),
        flags=re.NOFLAG,
    ),
    _rule(
        "://",
        (
            r"([?&](?:code|token|key|sig|secret|auth|apikey|api_key|access_token|pwd|pass)=)[^\s&\"'<>]{4,}+",
            rf"\1{REDACTED}",
        ),
        (r"(/webhooks?/|/bot(?=\d+:))[^\s\"'<>)]{8,}+", rf"\1{REDACTED}"),
        (r"(hooks\.slack\.com/|webhook\.office\.com/)[^\s\"'<>)]++", rf"\1{REDACTED}"),
        (r"://[^\s/@:]{0,64}:(?!\d{1,5}[/\s])[^\s\"'<>]{1,256}@", f"://{REDACTED}@"),
    ),
    _rule(
        _DASHES,
        (r"\d(?<![\d-]\d)\d{5}(?:-\d{6}){7}(?![\d-])", REDACTED),  # a disk's recovery key
        (r"(?<![\w-])(?-i:[A-Z0-9]{5}(?:-[A-Z0-9]{5}){4})(?![\w-])", REDACTED),  # a product key
    ),
    _rule("securestring", (rf"convertto-securestring{S}(?:-string{S})?{VALUE}", mask_stated)),
    _rule(
        "/user:",
        (rf"/user:\S{{1,128}}\s{S}(?![/-]){VALUE}", mask_stated),
        (rf"net use (?:\S{{1,64}} )?\\\\\S{{1,128}}\s{S}(?![/-]){VALUE}", mask_stated),
    ),
    _rule("curl", (rf"curl\b.{{0,200}}?\s(?:-u|--user){S}(?P<value>[^\s:]{{1,64}}:\S++)", mask_stated)),
    _rule(
        "pass|kennwort|pw|pswd|p/w|contrase|mdp|wachtwoord|lösenord|heslo|hasło|senha",
        (rf"{STRONG}(?:[_-]\w{{1,24}}(?==))?{SIGN}{VALUE}", mask_assigned),
        (rf"{STRONG}{S}{IS}{S}{YET}{VALUE}", mask_stated),
        (rf"{STRONG}(?=\s){S}(?:(?:to|auf|zu|as|als|[-\u2013\u2014>]{{1,2}})\s{S})?{VALUE}", mask_mixed),
        (
            (
                rf"{STRONG}(?:[^\S\r\n]++[\w@\\.'/-]{{1,40}}){{1,6}}?"
                rf"(?::|=|[^\S\r\n]++(?:{IS}|to\b|auf\b|zu\b)){S}{YET}{VALUE}"
            ),
            mask_distant,
        ),
    ),
    _rule(
        "key|secret|token|code|pass|=pin|psk|otp|authinfo|voucher",
        (rf"{NAMED}{SIGN}{VALUE}", mask_assigned),
        (rf"(?:{STRONG}|{NAMED})[,;]?\s(?:[-\u2013]\s)?(?:it['\u2019]?s|it (?:is|was)|und zwar)\s{VALUE}", mask_mixed),
        (rf"{NAMED}(?=\s){S}(?:{IS}{S}{YET})?{VALUE}", mask_mixed),
    ),
    _rule(
        "key|token|schlüssel|sig=|signature|session",
        (
            (
                rf"{KEYWORD}[\"']?{S}(?:[:=]|{IS})?{S}(?!{GUID}|0x)"
                r"(?P<value>(?=[a-z+/_=-]{0,64}\d)[a-z0-9+/_=%-]{16,})(?![\w.\\])"
            ),
            mask_mixed,
        ),
    ),
    _rule(
        "login|logon|cred|gsdaten|ldedaten",
        (
            (
                rf"(?:credentials?|creds?|log[io]n|zugangsdaten|anmeldedaten){S}(?:[:=]|{IS}){S}"
                rf"[a-z][\w.@\\+-]{{0,64}}{S}[/|:]{S}(?!/){VALUE}"
            ),
            mask_mixed,
        ),
    ),
    _rule(
        "!|#|$|*|§|€",
        (r"(?<![^\s\"'`(:=])[\w.-]+[!#$*§€][\w!#$*§€+.-]+", mask_odd),
        (
            (
                r"(?<![\w.-])(?!Win|Server|Office|Exchange|Outlook|Version|Teams|Build|Room"
                r"|Raum)[A-ZÄÖÜ][a-zäöü]{3,}\d{2,6}[!#*$]+"
            ),
            REDACTED,
        ),
        flags=re.NOFLAG,
    ),
    _rule("log", (rf"log(?:ged|s|ging)? ?(?:in|on)(?: \w{{1,20}}){{0,4}}? (?:with|using) {VALUE}", mask_mixed)),
    _rule(
        "=pin|pins|code|=tan|tans|otp|=tap",
        (
            (
                r"(?<![a-z])(?:pin|(?:mfa|2fa|otp|sms|one-time|door|alarm|access|unlock|security|auth|epp|transfer"
                r"|join|pairing|voicemail|entry|gate"
                r"|tür|alarm|zugangs|freigabe)[ -]?(?:code|pin)|otp|tan|tap)s?"
                rf"(?:{S}\([^()\r\n]{{1,40}}\))?(?:{S}(?:for|of|von|für|der|des) [^\r\n:,.]{{1,40}}?)?{S}(?:[:=]"
                rf"|{IS})?{S}(?P<value>\d(?:[\d-]{{2,60}}\d)?[#*]?)(?![\w.:-])"
            ),
            mask_stated,
        ),
    ),
    _rule(
        "code|combination|kombination|=pin",
        (
            (
                r"(?:door|gate|safe|alarm|lock|tür|tor|key ?box)(?: \w{1,12}){0,2}?[ -](?:code|combination"
                r"|pin)[^\d\r\n]{0,20}(?P<value>\d[\d-]{2,12}[#*]?)(?![\w.:])"
            ),
            mask_stated,
        ),
        (
            (
                r"(?:code|combination|kombination)[^\r\n\d]{0,40}(?:door|gate|safe|alarm|lock|tür"
                r"|tor)[^\r\n\d]{0,12}(?P<value>\d[\d-]{2,12}[#*]?)(?![\w.:])"
            ),
            mask_stated,
        ),
    ),
    _rule(
        "secret|password|passwd|key",
        (
            rf"(?:secret|password|passwd|key)\s{S}(?:\d|ENC)\s{S}{VALUE}",
            mask_mixed,
        ),
        (rf"isakmp key\s{S}(?:[06]\s{S})?{VALUE}", mask_stated),
        (rf"(?:private|preshared)key{S}[:=]{S}{VALUE}", mask_stated),
    ),
    _rule("=basic", (r"(?<![a-z])basic (?P<value>(?=[a-z+/]{0,64}\d)[a-z0-9+/]{8,}={0,2})(?![\w.])", mask_stated)),
    _rule(
        "pass|kennwort|pw",
        (
            (
                rf"(?:password|pw|passwort|kennwort) (?:to|auf) {VALUE}"
                r"(?=$|[.,;)]|\s(?:geändert|gesetzt|zurück|and|und|so|but)\b)"
            ),
            mask_stated,
        ),
    ),
    _rule(
        "recovery|backup|scratch|notfallcode",
        (r"(?:recovery|backup|scratch|notfall)[ -]?codes?\b[^\r\n]++", mask_codes),
    ),
    _rule(_LONG, (r"(?<![\w/\\.=-])[A-Za-z0-9_+/=-]{20,512}+(?![\w\\])", mask_random)),
    _rule("puk", (rf"(?<![a-z])puk{S}(?:{IS}|[:=])?{S}(?P<value>\d{{4,10}})", mask_stated)),
    _rule("=net", (rf"net user \S{{1,64}}\s{S}(?![/-]){VALUE}", mask_stated)),
    _rule(
        "psexec|sqlcmd|mysql|plink|sshpass|smbclient|pscp|ipmitool",
        (
            rf"(?:psexec|sqlcmd|mysql\w*|plink|sshpass|smbclient|pscp|ipmitool)\b[^\r\n]{{0,120}}?\s-pw?{S}{VALUE}",
            mask_stated,
        ),
    ),
    _rule("p:", (rf"(?<![a-z])u(?:ser)?:{S}\S{{1,64}}[\s,]{{1,3}}p(?:w|ass)?:{S}{VALUE}", mask_stated)),
    _rule("snmp", (rf"snmp\w*\b[^\r\n]{{0,120}}?\s-[cAX]{S}{VALUE}", mask_stated)),
    _rule("%", (rf"-U{S}[\w.\\-]{{1,40}}%(?P<value>\S++)", mask_stated)),
    _rule("/p:", (rf"/p:{VALUE}", mask_stated)),
    _rule("wifi:", (r"(WIFI:\S{0,200}?;P:)[^;\s]{1,64}", rf"\1{REDACTED}")),
    _rule(
        "recovery",
        (
            rf"recovery{S}(?:password|key|pw|code){S}(?:{IS}|[:=])?{S}(?P<value>\d{{4,}}(?:-\d{{4,}})*)",
            mask_stated,
        ),
    ),
    _rule("sess|sid=", (r"((?:sessid|sessionid|session_id|sid)=)[^\s;&\"']{6,}+", rf"\1{REDACTED}")),
    _rule(
        "pw|psk|pass",
        (
            rf"(?<![a-z])(?:pwd?|psk|passphrase){S}(?P<value>[a-zäöüß-]{{4,40}}!?)(?=[.,;)]|$|{S}[\r\n])",
            mask_stated,
        ),
        flags=re.IGNORECASE | re.MULTILINE,
    ),
    _rule("community", (rf"community(?:{S}string)?{S}(?:[:=]|{IS})?{S}(?!string|is|ro\b|rw\b){VALUE}", mask_mixed)),
    _rule("seed", (rf"(?:totp|otp|mfa|2fa){S}seed{S}(?:[:=]|{IS})?{S}{VALUE}", mask_stated)),
    _rule(
        "/",
        (r"(?<=\s/\s)\S{6,64}", mask_shaped),
        (
            (
                rf"(?<![\w.-])(?:\w*(?:admin|user|support|service|guest|backup|scan|kiosk)\w*|root|sa|svc[\w.-]+"
                rf"|[\w.-]+@[\w.-]+){S}/{S}{VALUE}"
            ),
            mask_mixed,
        ),
    ),
    _rule(
        "key|schlüssel|code|secret|token|passphrase",
        (
            (
                rf"(?:key|schlüssel|code|secret|token|passphrase)[^\r\n\"„“:=]{{0,24}}(?:{IS}"
                rf"|[:=]){S}(?P<value>[\"„“][^\"\\\r\n]{{4,64}}[\"“”])"
            ),
            mask_quoted,
        ),
    ),
    _rule(
        "pass|kennwort|pw|psk|=pin|login|logon|ssh|vnc|ilo|idrac|root|viewer|desk|p/w|einwahl|cred|zugang|vault|tresor"
        "|=tap|secret|token|schlüssel|key|community|temp|anmelde|wlan|wifi|wi-fi",
        (r"(?s:.++)", mask_made),
    ),
)


_HINTS: Final = tuple(
    (hint, sum(1 << number for number, rule in enumerate(_RULES) if hint in rule.hints))
    for hint in dict.fromkeys(hint for rule in _RULES for hint in rule.hints)
    if hint not in {_DASHES, _LONG}
)
_LONGS: Final = sum(1 << number for number, rule in enumerate(_RULES) if _LONG in rule.hints)
_DASHED: Final = sum(1 << number for number, rule in enumerate(_RULES) if _DASHES in rule.hints)
_MAX_WORDS: Final = 50_000
_MAX_KEPT: Final = 40
"""Characters of a word that is remembered."""
_WORDS: Final = re.compile(r"\w+")
_DIGITS_ALIKE: Final = bytes(ord("0") if chr(code).isdecimal() else code for code in range(256))
"""No hint has a digit, so that words which differ in them alone are looked at once."""


class _RulesOf(dict[str, int]):
    """For each word between spaces the bits of the rules that it hints at; it is looked at once, up to a bound."""

    def __missing__(self, word: str) -> int:
        parts = {f"={part}" for part in _WORDS.findall(word)}
        rules = _LONGS * (len(word) >= _MIN_LONG)
        for hint, hinted in _HINTS:
            if hint in word or hint in parts:
                rules |= hinted
        if len(self) < _MAX_WORDS and len(word) <= _MAX_KEPT:
            self[word] = rules
        return rules


_RULES_OF: Final = _RulesOf()
MAX_REMEMBERED: Final = 2_000
"""Characters of a text that is remembered with what became of it: a session is read more than once."""
REMEMBERED: Final = 4_096
"""Texts of at most so many characters, and"""
REMEMBERED_AT_LENGTH: Final = 64
"""longer ones that are. The worst of both kinds take about 80 MB in each process."""


def redact(text: str) -> str:
    """`text` with every secret it states replaced by `[redacted]`, in time linear in its length.

    Characters that nobody sees are dropped first, so that none can hide a key word, and the answer can always be
    encoded as UTF-8. Error codes, GUIDs, ticket numbers, addresses and host names stay.
    """
    return _redacted_at_length(text) if len(text) > MAX_REMEMBERED else _remembered(text)


def _redacted(text: str) -> str:
    if not text.isascii() or not text.isprintable():
        text = UNSEEN.sub("", text)
    lowered = text.lower()
    rules = _DASHED if lowered.count("-") >= _MIN_DASHES else 0
    for word in lowered.encode().translate(_DIGITS_ALIKE).decode().split():
        rules |= _RULES_OF[word]
    while rules:
        rule = rules & -rules
        rules ^= rule
        for pattern, mask in _RULES[rule.bit_length() - 1].masks:
            text = pattern.sub(mask, text)
    return text


_remembered = lru_cache(maxsize=REMEMBERED)(_redacted)
_redacted_at_length = lru_cache(maxsize=REMEMBERED_AT_LENGTH)(_redacted)
_TOKEN: Final = re.compile(r"[^\s,;:()<>\[\]\"'`]{6,}")


def redact_all(texts: Sequence[str]) -> list[str]:
    """As `redact`, of texts that belong together: what one of them gives away as a secret is taken out of all."""
    clear = [redact(text) for text in texts]
    secrets = _given_away(zip(texts, clear, strict=True))
    return [without(text, secrets) for text in clear] if secrets else clear


def secrets_in(texts: Iterable[str]) -> list[str]:
    """The words that `redact` takes out of them, the longest first."""
    return _given_away((text, redact(text)) for text in texts)


def without(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        if secret in text:
            text = text.replace(secret, REDACTED)
    return text


def _given_away(pairs: Iterable[tuple[str, str]]) -> list[str]:
    found = {
        word.rstrip(".!?")
        for text, redacted in pairs
        if text != redacted
        for word in _TOKEN.findall(text)
        if word not in redacted and any(map(str.isdigit, word)) and any(map(str.isalpha, word))
    }
    return sorted(found, key=len, reverse=True)
