"""How a secret is told from a word, and what is left of it: the parts of the patterns of redaction, and the masks."""

from __future__ import annotations

import re
from typing import Final

REDACTED: Final = "[redacted]"

UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_QUOTES: Final = "\"'`„“"
_MANY_JOINTS: Final = 2
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
box change changer dialog expiration expiry field list manager page policy rotation screen sync
abgelaufen aber akzeptiert als alt am an auch auf bekannt bereits bitte das dem den der die ein eine einen erneut
falsch fehlt für geändert gesperrt gesetzt geht gültig hat ich im immer in ist ja kein keine korrekt leer mit nein
neu nicht noch oder richtig schon seit sein sie stimmt und unbekannt ungültig unverändert vergessen vom von war was
weg wird wurde zu zurückgesetzt zurücksetzen
"""
_ORDINARY: Final = frozenset(_ORDINARY_WORDS.split())
_PUNCTUATION: Final = ".,;:)]}>?\"'`*_"
_ERROR_CODE: Final = re.compile(r"0x[0-9a-f]{1,8}", re.IGNORECASE)
GUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# A diagnosis needs these: where the wording is loose they are never taken for a secret.
_CODE_OR_TIME: Final = re.compile(
    rf"0x[0-9a-f]{{1,16}}|{GUID}|\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?:[:/]\d+)?|\d\d?:\d\d.*|\d{{4}}-\d\d-\d\d.*|KB\d+",
    re.IGNORECASE,
)
_HOST_OR_ADDRESS: Final = re.compile(
    r"[A-Z]{2}[A-Z0-9]*+(?:-[A-Z0-9]++)*+|[\w-]+(?:\.[\w-]+){2,}|\w[\w.+-]*@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"
)

_PLACE: Final = re.compile(
    r"\b(?:from|on|at|by|via|server|host|computer|workstation|caller|von|auf|an|bei)\b", re.IGNORECASE
)

S: Final = r"[^\S\r\n]*+"
STRONG: Final = (
    r"(?:passwor[dt]s?|passwrd|pswd|p/w|pass[ -]phrase|kennwort|passwd|passphrase|passcode|contraseña|mot de passe|mdp"
    r"|wachtwoord|lösenord|heslo|hasło|senha"
    r"|(?<![a-z0-9])pwd?(?![a-z0-9]))"
)
NAMED: Final = (
    r"(?<![a-z0-9])(?:pass|pin|psk|otp|(?:mfa|2fa|otp|sms)[ _-]?code|pre-?shared[ _-]key|wi-?fi[ _-]key"
    r"|api[ _-]?(?:key|token|secret)|(?:client|shared|app)[ _-]?secret|secret(?:[ _-]?access)?[ _-]?key|secret"
    r"|(?:recovery|backup|unlock|security|one-time|activation|auth|epp|transfer|invite|join|pairing|enrolment"
    r"|enrollment)[ _-]?codes?|authinfo|voucher|(?:licen[cs]e|product|activation"
    r"|shared)[ _-]key"
    r"|access[ _-]?(?:key|token)|account[ _-]?key|shared[ _-]?access[ _-]?key|auth[ _-]?token|zugangscode)"
)
KEYWORD: Final = r"(?<![a-z])(?:key|token|schlüssel|sig(?==)|signature|session[ _-]?id)"
IS: Final = r"(?:is|was|are|ist|war|lautet|lautete|sind)\b"
YET: Final = rf"(?:(?:now|still|currently|just|set to|reset to|changed to|jetzt|nun|aktuell)\b{S}){{0,2}}"
SIGN: Final = (
    rf"(?:{S}{IS})?{S}[\"'`*_]*+{S}(?P<sign>=>|->|[:=|→]){S}(?:\*\*)?{S}"
    rf"(?:\r?\n{S}(?=\S++{S}(?:\r?\n|\Z)))?"  # a value on the next line is alone on it
)
_QUOTED: Final = r""""[^"\r\n]{1,256}"|'[^'\r\n]{1,256}'|`[^`\r\n]{1,256}`|„[^“”\r\n]{1,256}[“”]|“[^”\r\n]{1,256}”"""
VALUE: Final = rf"(?P<value>{_QUOTED}|\S++)"


def _is_ordinary(value: str) -> bool:
    return REDACTED in value or value.strip(_PUNCTUATION + "!([{").lower() in _ORDINARY


def _is_mixed(value: str) -> bool:
    """Looks made rather than spoken: letters, and digits or symbols among them."""
    is_chain = value.count("-") + value.count("_") + value.count(".") >= _MANY_JOINTS and value[-1].isalnum()
    has_signs = any(map(str.isdigit, value)) or not _SYMBOLS.isdisjoint(value) or is_chain
    return any(map(str.isalpha, value)) and has_signs


def _masked(match: re.Match[str], value: str) -> str:
    """`value` ends the match; what stands before it and the punctuation after it stay."""
    secret = value if value[0] in _QUOTES else value.rstrip(_PUNCTUATION)
    lead = match[0][: len(match[0]) - len(value)]
    return lead + REDACTED + value[len(secret) :] if secret else match[0]


def mask_stated(match: re.Match[str]) -> str:
    value = match["value"]
    is_plain = _is_ordinary(value) or _ERROR_CODE.fullmatch(value.rstrip(_PUNCTUATION))
    return match[0] if is_plain else _masked(match, value)


def mask_assigned(match: re.Match[str]) -> str:
    """As `mask_stated`; `Password=x;Database=y` and `pwd=x&user=y` keep what follows the secret."""
    value = match["value"]
    end = min((at for at in map(value.find, ";&,") if at > 0), default=-1)
    if match["sign"] != "=" or end < 0 or value[0] in _QUOTES:
        return mask_stated(match)
    kept = len(value) - end
    return match[0] if _is_ordinary(value[:end]) else match[0][: -len(value)] + REDACTED + match[0][-kept:]


def mask_mixed(match: re.Match[str]) -> str:
    value = match["value"]
    bare = value.strip(_PUNCTUATION)
    is_quoted = value[0] in _QUOTES and " " in value
    is_plain = _is_ordinary(value) or not (is_quoted or _is_mixed(bare)) or _CODE_OR_TIME.fullmatch(bare)
    return match[0] if is_plain else _masked(match, value)


def mask_distant(match: re.Match[str]) -> str:
    """What `Bad password attempts from: WS-014` names is no password."""
    value = match["value"].strip(_PUNCTUATION)
    is_place = _HOST_OR_ADDRESS.fullmatch(value) and _PLACE.search(match[0][: -len(match["value"])])
    return match[0] if is_place else mask_mixed(match)


_FAR: Final = 4
"""So many lines below, or so many words in a line, are another matter."""
_WORD: Final = re.compile(r"[^\s\"'`„“”()<>\[\],;:=|/\\]{6,64}")
_SHAPE: Final = re.compile(
    r"(?!(?:[0-9A-Fa-f]{2}[:-]){3})(?:(?=.*\d)(?=.*[a-zäöüß])(?:(?=.*[A-ZÄÖÜ])"
    r"|(?=.*[!#$*§€&]))(?![vV]?\d+(?:\.\d+){1,4}\w?$)[\w!#$*§€+.&%?~^-]{6,64}"
    r"|[A-Za-zÄÖÜäöüß]{3,}[!#$*§€&+][\w!#$*§€+.&-]{2,64}"
    r"|(?!server|windows|office|exchange|version|outlook|february|january|desk|room|vlan|port|build)(?=.{7})(?!srv"
    r"|sql|esx|win|dc|ws|pc|kb|cu|svc|host|node|nas)[a-zäöüß]{3,}\d{2,}[!?]?"
    r"|(?!.*(?:srv|dc|ws|pc|sql|esx|fw|sw|ap|nas|prn|print|rds|app|web|db|mail|host|client|svc|vm|node|site|vlan"
    r"|switch|router|server|firewall|user|version|build|update|kb))"
    r"[a-zäöüß]{3,}(?:[-_.][a-zäöüß]{2,}){0,4}[-_.]\d{2,}[!?]?"
    r"|(?=.*[A-Z]\d)(?=.*\d[A-Z])[A-Z0-9]{8,15}"
    r"|(?=.*[a-z]\d)(?=.*\d[a-z])(?!\d+(?:gb|mb|tb|kb|ms|min|h|k|x)$)[a-z0-9]{6,24}"
    r"|(?=.*[A-Z])(?=.*\d)[A-Z0-9]{16,64}|(?=.*[a-f])(?=.*\d)[0-9a-f]{24,128})"
)
_CREDENTIALS: Final = re.compile(
    r"(?<![a-z])(?:passw|passwor|passphrase|passcode|kennwort|pwd?\b|psk|pin\b|log[io]n\b|ssh\b|vnc\b|ilo\b|idrac"
    r"|teamviewer|anydesk|rustdesk|puk\b|p/w|pswd|passwrd|pass phrase|einwahl|root\b|credential|creds|zugang|vault"
    r"|tresor|tap\b|secret|token|schlüssel|community"
    r"|(?:api|access|licen[cs]e|wifi|wlan|wpa\d?|ssh|account|network|wireless)[ -]?key|temp(?:orary)?\b|anmelde"
    r"|wlan|wi-?fi)",
    re.IGNORECASE,
)
_INNER: Final = re.compile(r"(?=.*\d)(?=.*[a-z])[\w.-]+[!#$*§€](?!\d+$)[\w!#$*§€+.-]*[\w]")
_CODE: Final = re.compile(
    r"(?<![\w-])(?=[a-z-]*\d)(?:[a-z0-9]{4,6}(?:-[a-z0-9]{4,6}){1,3}|[a-z0-9]{6,10})(?![\w-])", re.IGNORECASE
)
_CHANGES: Final = re.compile(r"[A-Za-z](?=\d)|\d(?=[A-Za-z])")
_HEX: Final = re.compile(r"[0-9a-f]{32,128}")
_DIGEST: Final = re.compile(r"sha|md5|hash|thumbprint|fingerprint|commit|digest|checksum", re.IGNORECASE)
_MANY_CHANGES: Final = 5
_NEAR: Final = 60
_PROMPTED: Final = re.compile(r"[A-Z][A-Z0-9-]+#[a-z]|[\w-]+\$$|.*\.\w{2,4}$")


def mask_made(match: re.Match[str]) -> str:
    """In a line that talks of credentials, and in the few words of the next ones, a word that looks made is one."""
    lines, since = match[0].splitlines(keepends=True), _FAR
    for number, line in enumerate(lines):
        since = 0 if _CREDENTIALS.search(line) else since + 1
        if since == 0 or (since < _FAR and len(line.split()) < _FAR):
            lines[number] = _WORD.sub(mask_shaped, line)
    return "".join(lines)


def mask_shaped(match: re.Match[str]) -> str:
    bare = match[0].rstrip(".:")
    is_made = _SHAPE.fullmatch(bare) and not (
        _CODE_OR_TIME.fullmatch(bare)
        or _PROMPTED.match(bare)
        or (bare[-1].isalpha() and _HOST_OR_ADDRESS.fullmatch(bare))
    )
    return REDACTED + match[0][len(bare) :] if is_made else match[0]


def mask_codes(match: re.Match[str]) -> str:
    return _CODE.sub(REDACTED, match[0])


def mask_random(match: re.Match[str]) -> str:
    """A long word that changes between letters and digits again and again was made by a machine; a digest may stay."""
    word = match[0]
    changes = len(_CHANGES.findall(word))
    is_hex = _HEX.fullmatch(word) is not None
    is_made = changes >= _MANY_CHANGES and (is_hex or (word != word.lower() and word != word.upper()))
    is_digest = is_hex and _DIGEST.search(match.string, max(0, match.start() - _NEAR), match.end()) is not None
    return REDACTED if is_made and not is_digest else word


def mask_quoted(match: re.Match[str]) -> str:
    return match[0] if any(sign in match["value"] for sign in ":/_") else _masked(match, match["value"])


def mask_odd(match: re.Match[str]) -> str:
    bare = match[0].rstrip(".:!")
    return REDACTED + match[0][len(bare) :] if _INNER.fullmatch(bare) and not _PROMPTED.match(bare) else match[0]
