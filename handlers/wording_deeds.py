"""The words of what people did, in English and German."""

from __future__ import annotations

import re
from typing import Final

from handlers.wording import words

DID: Final = words(
    """
    disabled enabled added removed created deleted changed switched moved migrated installed uninstalled replaced
    blocked allowed whitelisted excluded opened renamed granted revoked assigned paused redirected forwarded bypassed
    increased raised lowered decreased configured reconfigured adjusted applied upgraded downgraded updated mapped
    reverted swapped rerouted restarted rebooted cleared reinstalled re-installed re-added readded re-enabled patched
    restored rebuilt recreated re-created repaired flushed renewed released unlocked checked verified tested tried
    attempted executed compared reviewed searched scanned pinged traced captured collected exported imported
    unblocked killed terminated unplugged reseated reconnected remapped rejoined joined synced resynced forced
    extended freed copied registered re-registered cleaned purged emptied relaunched retried power-cycled rescanned
    rolled powered stopped closed asked called phoned emailed mailed messaged cloned mounted
    chekd chckd opnd rebootd restartd checkd opend changd installd disabld enabld updatd removd replacd deletd testd
    movd swapd swappd cleard switchd trid calld unpluggd pluggd
    """
)
PAST_OR_IMPERATIVE: Final = words("set put reset cut let read shut split quit")
DID_WITH: Final = {
    verb.strip(): words(after)
    for verb, after in (
        line.split(": ")
        for line in """
        got: him her them on hold rid
        had: him her them
        made: a an the another sure
        gave: him her them the it user
        bound: it the a an both all them
        broke: it the a an up
        caught: it the
        threw: out away the him her it
        paid: the
        lost: the
        found: out
        waited: out for a an
        resolved: it the
        met: him her them
        went: through over back into
        looked: at in into up through over for on it
        sat: at in down
        stood: at in next by on
        listed: the all every
        sorted: the by
        turned: off on the it both all down up
        set: up
        lookd: at in into up through over for on
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
NO_DEEDS: Final = words(
    """
    failed crashed dropped died needed noticed seemed appeared occurred happened worked helped ended continued lasted
    remained stayed expected hoped wanted liked assumed suspected guessed supposed agreed resolved solved fixed
    started affected related based promised informed assured scheduled planned delayed expired received observed
    experienced reported waited learned realised realized escalated noted rejected denied refused finished completed
    returned connected disconnected timed succeeded passed caused used attached limited reached exceeded decided
    mentioned claimed complained explained replied answered indeed speed feed need seed red bed embedded mixed
    unchanged outdated corrupted degraded unexpected vanished locked looked turned talked detected listed
    undocumented managed unmanaged required hundred shared hosted dedicated cached pasted ruled suggested
    recommended advised wired sorted
    quoted enclosed related corrupted limited dated aged named numbered licensed
    """
)
NO_DEEDS_DE: Final = words(
    """
    gefreut gewartet gemeldet gehört gesehen gefunden bekommen geblieben gewesen geworden gelaufen gegangen gekommen
    passiert geplant gelassen geeignet geöffnet vermutet verschwunden abgestürzt ausgefallen aufgetreten betroffen
    beschädigt belegt erreicht gesperrt eingefroren hängengeblieben unverändert bestätigt gesagt zugesagt versprochen
    gestern gesamt bereit benutzt verwendet besetzt begonnen aufgefallen eingetreten erhalten management engagement
    arrangement basement benefit bereitet vergessen verloren besten ersten bestehen entstehen erwartet
    between durchschnitt durchgehend unterschied bedient berichtet besteht erscheint verliert verbraucht verhält
    verweist verlangt verschickt verbindet verarbeitet bekommt braucht enthält entspricht ergibt erkennt erfolgt
    erlaubt erreicht überträgt unterstützt unterstützen entfällt bedeutet befindet betrifft bezieht verwaltet
    vorhanden bekannt erledigt übernommen
    verdict agent urgent target widget gadget budget digest ingest suggest largest longest biggest agreement segment
    fragment judgement judgment tangent contingent detergent nugget gotten forgotten beaten pageant
    """
)
COMMANDS: Final = words(
    """
    dbcc curl wget ipconfig ping tracert traceroute nslookup dig sfc dism chkdsk gpupdate gpresult netsh telnet
    robocopy iisreset nbtstat arp ssh systemctl netstat whoami klist nltest dcdiag repadmin w32tm certutil bcdedit
    esxcli vmkping iperf iperf3 mtr nc openssl fsck vssadmin wevtutil schtasks sc diskpart eseutil lsof journalctl
    pathping smartctl zpool net tcpdump wireshark procmon procdump memtest speedtest ethtool ifconfig nmap portqry
    tnc quser getmac dsregcmd manage-bde setspn ntdsutil mailq dmesg wuauclt usoclient wbadmin taskkill snmpwalk
    hping fio
    """
)
NOUNS: Final = words(
    """
    reboot restart reinstall reinstallation power-cycle rollback reset repair neustart neuinstallation tausch
    kaltstart zurücksetzen reseat resync rescan failover cleanup clean-up cold-boot hard-reset downgrade upgrade
    re-run rerun retest resend re-scan testdruck testmail testanruf testausdruck probedruck testseite gegentest
    gegenprobe kreuztausch umstecken neuverbindung
    """
)
TESTED: Final = words(
    """
    call calls mail mails print page prints job message fax scan restore login logon backup download upload document
    file
    """
)
VERBLESS_NOUNS: Final = words(
    """
    install upload provision test memtest scan reboot restart reset swap exchange repair sync rescan rebuild
    downgrade rollback off/on on/off retry restore cleanup clean-up failover upgrade neustart tausch reparatur
    neuinstallation
    """
)
OTHER_THINGS: Final = words(
    """
    reboot restart reset cycle rollback reinstall repair cable port switch laptop pc mode boot phone browser profile
    monitor keyboard mouse dock adapter account network sim socket outlet charger disk nic neustart kabel rechner
    profil client gerät steckdose patchkabel
    """
)
BY_ITSELF: Final = words("for out at into no not so that")
STILL: Final = words("still also always never only now both all mostly often usually sometimes")
BY_MEANS: Final = words(
    """
    hand phone mail email remote cable ip name script rdp ssh cli gpo powershell usb stick console teamviewer
    """
)
UNITS: Final = words(
    """
    min mins minutes minute h hour hours s sec secs seconds day days week weeks x times % gb mb
    """
) | {""}
APART: Final = words("out in up off over down back away")
STARTS_BY_ITSELF: Final = words(
    """
    again at on in to after before around about with from by right just when since shortly suddenly late early out
    over yesterday today monday tuesday wednesday thursday friday saturday sunday this last and but as happening
    getting off successfully normally fine ok okay within only here there between without under during
    """
)
NOT_BY_US: Final = words(
    """
    by like itself due everything nothing there not yet within because when if after until too
    """
)
TELLS: Final = words(
    """
    shows show says lists reports gives is has was are were works fails returns answers times geht läuft antwortet
    ist steht bringt liefert ok okay fine arrives arrived prints printed passed opens
    loads gave returned answered failed timed resolves resolved takes took runs lasts hangs happens """
)
LEADS: Final = words(
    """
    i we i've we've have then next first also already just so since ok okay and but now today yesterday earlier again
    finally manually remotely done update meanwhile afterwards later quickly hi right step - \u2013 \u2014 &
    """
)
PERFECT: Final = words("i we i've we've have already also just")
US: Final = words("i we ich wir habe haben hab hab's habs habe's me us myself ourselves mir uns")
PAST_IRREGULAR: Final = words(
    """
    ran re-ran reran sent took wrote built rang did brought dug swung rebuilt redid held drove rode sat spun
    fed hung bent drew unbound dialled unhooked undid overrode blew chose cast dealt dove fought ground hid
    laid lent lit sawed shook shot slid spent struck swept taught tore withdrew wound woke wiped wrung strung rewrote
    retook resent rewound overwrote bought
    """
)
ADJECTIVES: Final = words(
    """
    mapped cached restored updated removed moved shared installed scheduled connected assigned deleted redirected
    mounted encrypted blocked archived cloned migrated patched forwarded renamed disabled enabled imported
    """
)
"""They say how a thing is before a noun that has a verb of its own."""
LOOKED_DE: Final = words(
    """
    nachgesehen nachgeschaut reingeschaut geschaut geprüft nachgeprüft getestet gemessen nachgemessen verglichen
    gesucht telefoniert gesprochen probiert ausprobiert versucht angerufen
    """
)
CHECKED: Final = words(
    """
    checked tested compared reviewed searched scanned pinged traced asked called tried restarted rebooted verified
    emptied cleared reseated swapped replaced power-cycled retried captured collected listed counted measured sampled
    """
)
"""They never say how a thing is."""
WENT: Final = words("went drove walked climbed crawled popped nipped ran came")
WENT_AND: Final = re.compile(
    r"^[^,;:]*? and (?P<verb>[a-z-]+) (?:the|a|an|it|his|her|their|both|all|them|in|on|up|at)\b"
)
"""Somebody went there, and did something."""
ASIDE: Final = re.compile(r" \([^()]*\)")
NO_STEP: Final = re.compile(
    r"(?:i |we |just |then |also |so |and )*(?:(?:rang|called|phoned|texted|mailed|emailed|messaged"
    r"|pinged) (?:him|her|them"
    r"|(?:the |my )?\w+)(?: (?:at once|again|back|straight away|first|just now|twice|today|now|then|too|already"
    r"|about it))?"
    r"|went (?:through|fine|well|smoothly|ok|over|out|in|up)(?: (?:without|fine|ok|okay|cleanly|smoothly|well"
    r"|in|at|with|on"
    r"|after|no)\b.*)?|called in sick\b.*|ran (?:late|over|out of time)\b.*|spent (?:the|an?|some|my|half|all"
    r"|\d+|two|three) .*"
    r"|lost (?:an?|the|half|two|\d+) (?:hours?|mornings?|days?|afternoon)\b.*|made (?:sense|a note|coffee)\b.*"
    r"|(?:took|had|got) (?:(?:an?|my|some|the) )?(?:break|lunch|nap|coffee|sleep|taxi|bus|train|walk|breather"
    r"|dinner)\b.*"
    r"|sat in (?:traffic|meetings?|a meeting)\b.*|picked (?:it |this |that )?up (?:from|where|the (?:ticket"
    r"|case|thread|queue))\b.*"
    r"|(?:have |had )?(?:only )?(?:read|write|set|put|cut|split)[ -](?:access|rights?|permissions?|only|speeds?"
    r"|errors?|latency|rates?"
    r"|timeouts?|queues?|write|cache|points?|tunnel\w*|brain|horizon)\b.*)[.!]?$"
)
"""Looks like a deed and is none by itself: a call, a break, how something went."""
STATELY: Final = PAST_OR_IMPERATIVE | words(
    """
    disabled enabled blocked closed opened stopped paused installed removed excluded allowed assigned confirmed
    locked signed changed moved updated
    """
)
"""At the end of a sentence they may say how something is."""
DETERMINERS: Final = words(
    """
    the a an all both his her my our their its it them this that these those every each
    """
)
FINITE: Final = words("is are was were has have = shows does do")
OF_MANY: Final = words(
    """
    get have do lose fail drop work show need see stay keep run use go come print connect open report don't can can't
    cannot came went had
    got saw lost failed
    """
)
HANDED_OVER: Final = words(
    """
    problem incident outage error ticket session issue client customer user team docs documentation notes wiki case
    """
)
MAX_LEAD: Final = 6
STOPS: Final = ",;:.!"
CLAUSE_ENDS: Final = words(
    """
    - \u2013 \u2014 -> => = \u2192 but and aber und while when that which who where as because since until if
    although so
    """
)
