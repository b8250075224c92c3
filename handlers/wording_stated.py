"""The words that tell a statement of how things are from talk, plans and verbless notes, in English and German."""

from __future__ import annotations

import re
from typing import Final

from handlers.wording import any_of, words

_VERBS: Final = words(
    """
    lose show list say report return send get use run lack hold contain point fail drop need keep stay remain stop
    start come
    belong sit live resolve answer respond print open load work accept refuse reject connect sync support differ expect
    expire exist appear happen occur hang crash freeze record write read log see know name give take make mean set sign
    join leave arrive end begin wait talk speak listen poll pull inspect filter block allow enforce require inherit
    override share serve hand turn blink beep reboot restart roam authenticate trust offer receive forward queue map
    mount boot wake sleep charge draw feed cover follow fill grow rise fall stand help play ring hear dial register ask
    bounce book update install deliver save store change move display depend own define import export replicate
    download upload scan backup encrypt compress route relay translate redirect prompt lock unlock advertise lease renew
    """
)
_IN_S: Final = words(
    """
    goes tries carries applies relies copies passes misses reaches matches crashes catches switches pushes touches
    flashes accesses processes caches finishes empties verifies replies retries denies vanishes disappears
    """
)
OF_MANY: Final = _VERBS | words(
    """
    go try apply match reach pass catch switch push touch access process cache finish empty verify reply deny vanish
    disappear
    """
)
"""Verbs of a plural, which may be nouns too."""
FINITE: Final = (
    {f"{verb}s" for verb in _VERBS}
    | _IN_S
    | words(
        """
        is isn't are aren't was wasn't were weren't has hasn't have haven't had hadn't do does did don't doesn't didn't
        can cannot can't couldn't won't dont doesnt didnt isnt arent wasnt hasnt cant wont there's that's it's they're
        came went got gave took made saw sent lost kept fell rose began stood held left ran showed failed stopped worked
        dropped returned expired happened answered ended started finished appeared died crashed froze hung timed passed
        refused rejected recorded complained printed moved changed stayed remained arrived reached connected
        ist sind war waren hat haben habe hatte hatten kann können wird werden läuft laufen geht gehen kommt kommen
        zeigt
        zeigen steht stehen liegt liegen hängt hängen fehlt fehlen bleibt bleiben druckt drucken nutzt nutzen verwendet
        verwenden meldet melden gibt funktioniert funktionieren klappt klappen antwortet antworten startet starten lädt
        laden sieht sehen heißt heißen gehört gehören löst lösen holt holen fragt fragen nimmt nehmen bricht brechen
        stimmt stimmen blinkt leuchtet leuchten braucht brauchen bekommt bekommen enthält enthalten verweist hört hören
        sagt schickt sendet senden empfängt verliert endet beginnt passiert tritt treten gilt gelten hält halten darf
        dürfen lief liefen ging gingen kam kamen stand lag blieb fiel brach
        """
    )
)
"""One of them makes a sentence of a few words."""
VERBLESS_OPENS: Final = words("no none all both every each only other there's ok fine kein keine nur alle beide")
"""What begins with one says something without a verb too: no errors in the log."""
VERBLESS_STATES: Final = words(
    """
    ok okay fine green red amber empty full missing enabled disabled installed attached stopped running online offline
    normal leer voll grün rot weg
    """
)
VERBLESS_ENDS: Final = words("model mode on off up down only an aus")
_CHAT_WORDS: Final = """
happy unhappy glad worried angry annoyed upset nervous keen impatient convinced relieved grateful cross furious polite
friendly holiday vacation urlaub lunch natürlich hopefully fortunately luckily unfortunately hoffentlich nice
evidence
booked ordered approval budget invoice freigabe genehmigung rechnung angebot mystery puzzle coincidence zufall
"""
CHAT: Final = words(_CHAT_WORDS)
"""Of a remark on the case or on people, rather than on how a thing is."""
_CHAT_PHRASES: Final = any_of("""
so far|by me|von mir|noch nicht|don't care|zum glück|good news|bad news|whole story|long story
signs off|can't be true|cannot be true|each other|was right|was wrong|were right|wasn't me|used up
the ok|worth a|worth the|way out|no way|red herring|fed up|is looking|is coming
is asking|is calling|is checking
is waiting|is trying|is working on|is going to|is sending|is bringing|is driving|is getting|is having|is talking
is writing|is busy
""")
CHAT_PHRASES: Final = re.compile(f" (?:{_CHAT_PHRASES}) ")
CHAT_OPENS: Final = re.compile(
    r"(?:of course|attached\b|ok(?:ay)?\b(?!\.$)|right\b|well\b|good\b|nice\b|great\b|lovely\b|funny\b"
    r"|odd\b|strange\b|weird\b"
    r"|ugly\b"
    r"|sad\b|shame\b|pity\b|fair enough|makes sense|can't (?:say|tell|wait|complain|help)|cannot say|who\b|whoever\b"
    r"|as \w+ (?:said|expected|predicted|feared)|no (?:worries|problem|wonder|idea|need|rush|surprise)\b"
    r"|no (?:it|he|she|they|that|this) |yes\b|yep\b|nope\b|needs?\b|said\b|told\b|asked\b|thought\b|hope\w*\b"
    r"|wonder\w*\b"
    r"|guess\b|called in\b|made sense|lost (?:an?|half an?) (?:hour|morning|day)|took an? (?:break|walk)"
    r"|still nothing|nothing (?:new|yet|so far)|at least\b|at last\b|finally\b|same (?:here|for me)|anyone\b"
    r"|(?:the )?(?:mr|mrs|ms|dr|herrn?|frau|monsieur|madame|mme|m)\b\.? "
    r"|natürlich\b|klar\b|gut\b|schön\b|komisch\b|seltsam\b|keine (?:idee|ahnung|zeit|lust)|leider\b|mal sehen)",
    re.IGNORECASE,
)
_DOING_NOW: Final = """
taking covering closing handing waiting going heading leaving calling trying testing starting moving doing getting
having looking checking working watching keeping giving asking sending ordering escalating driving picking joining
passing switching rebooting restarting rolling reading reviewing planning preparing booking raising opening pausing
parking stopping finishing continuing letting putting setting pulling pushing swapping replacing installing updating
upgrading downloading copying restoring collecting comparing digging chasing hoping thinking assuming wondering signing
writing pasting adding removing deleting clearing investigating observing
"""
_THOUGHT: Final = """
spoke talked chatted texted thought considered wondered hoped expected decided agreed forgot meant spent been
suggested offered wanted said told
explained promised reminded proposed overlooked misread mistyped fits
"""
_ASKED: Final = """
try check ask see look verify compare confirm remember consider replace remove add install delete clear restart reboot
use find get give keep make take tell wait watch note mind beware start stop run open close enable disable
point move switch turn plug unplug swap change rebuild update upgrade
revert restore copy export import collect capture record send forward book order arrange schedule escalate bring leave
"""
_THERE: Final = (
    "ring text mail ping let back onsite off away out here lunch handover zurück vor weg pause on update status next"
)
_DATES: Final = "call meeting appointment visit slot session termin treffen eta eod deadline timebox"
_CONDITION: Final = """
quick if wenn falls unless once solange sobald sollte suppose set changed switched turned put could would should might
may
must shall will need either entweder scratch ignore forget correction typo strike step schritt phase half
"""
_MINE: Final = """
schaue schau prüfe teste mache rufe starte warte versuche probiere melde fahre gehe komme kümmere nehme setze stelle
hole frage sehe gucke lese schreibe schicke installiere tausche baue ziehe lasse gebe bleibe bin muss will werde soll
übernehme übergebe brauche hoffe denke finde
"""
"""German verbs of the first person: what opens with one speaks of its author."""
_TICKETS: Final = "ticket case incident rma vorgang fall auftrag"
_NUMBERS: Final = (
    "mobile phone tel handy durchwahl ext extension reach docs doc link links article source ref siehe doku"
)
AGENDA_WORDS: Final = words(
    f"{_DOING_NOW} {_THOUGHT} {_THERE} {_DATES} {_NUMBERS} {_CONDITION} {_MINE} {_TICKETS}"
    " running using monitoring passt das makes logging that"
)
"""The first words of what `AGENDA` matches."""
AGENDA: Final = re.compile(
    r"(?:back|on ?site|off|away|out|here|lunch|handover|next update|update|status|zurück|vor ort|weg"
    r"|pause),? (?:auf|to \d|at"
    r"|in|until|since|seit|back"
    r"|till?|by|from|now|after|again|ab|bis|um|wieder|gegen|tomorrow|monday|morgen)\b"
    r"|(?:if|wenn|falls|unless|once(?! an? | per | every | each )|quick|solange|sobald|sollte|suppose|either|entweder"
    r"|could|would|should|might|may|must|shall|will|need|scratch|ignore|forget"
    r"|correction|typo|strike|half (?:past|\d)|that makes|das macht|makes \d|(?:step|schritt|phase) \d+ (?:done|next"
    r"|finished|fertig)"
    rf"|{'|'.join(_MINE.split())}"
    rf"|(?:{'|'.join(_TICKETS.split())}) \S*\d\S* (?:was |is )?"
    r"(?:raised|opened|logged|created|open|with|bei|eröffnet"
    rf"|angelegt|escalated|sent|offen)"
    r"|(?:set|changed|switched|turned|put) (?:it |them )?back)\b"
    r"|(?:eta|eod|next|deadline|timebox)\b(?! hop| update was| page)"
    r"|(?:call|meeting|appointment|visit|slot|session|termin|treffen) (?:with|at|on|booked|agreed|um|mit|am)\b"
    rf"|(?:{'|'.join(_DOING_NOW.split())}|(?:running|using) (?:a|an|the|it|this|my|another)"
    r"|monitoring (?:it|this|the|until|for)|logging off)\b"
    r"(?!(?:(?!\b(?:unless|until|if|when|while|so)\b)[^,;])*\b(?:takes?|took|fails?|failed|works|is|are|was|stops?"
    r"|hangs?|ends"
    r"|gives|shows|runs|drops?|needs|has|goes)\b)"
    rf"|(?:{'|'.join(_THOUGHT.split())}|makes sense|passt (?:zu|dazu|ja|genau)|das passt)\b"
    r"|(?:ring|call|phone|text|mail|ping|let|tell|ask) (?:me|us|him|her|them)\b"
    r"|(?:docs?|links?|article|source|ref|siehe|doku)\b:? ?(?:https?:|kb\b|www)"
    r"|(?:mobile|phone|tel|handy|durchwahl|ext|extension|reach (?:me|him|her"
    r"|us))\b[^a-z]{0,4}(?:\w+ ){0,2}\+?\d[\d /-]{5,}",
    re.IGNORECASE,
)
"""What people do now, will do, thought and look up: with a figure in it, it looks like something that was measured."""
ASKED_WORDS: Final = words(_ASKED)
ASKED: Final = re.compile(
    r"\w+ (?:the|a|an|it|this|that|if|whether|with|for|to|at|on|in|my|our|me|us|him|her|them|(?-i:[A-Z]\S*)|kb\d+"
    r"|(?:option|port|step|page|line|version|build) \d+)\b",
    re.IGNORECASE,
)
"""Begins with one of `ASKED_WORDS` and has no other verb: asks for something."""
EXISTENCE: Final = re.compile(
    r"(?:he|she|they|i|we|nobody|no one|everyone|someone|sie|er|(?:(?:frau|herr|mr|mrs|ms|dr)\.? )?"
    r"(?-i:[A-ZÄÖÜ][a-zäöüß]+)) (?:is|are|am|ist|sind|bin) (?:only |not |already |nur |erst |nicht )?(?:in|back"
    r"|there|here|out|away|on ?site|off|around|reachable|available|free|busy|weg|da|zurück|erreichbar"
    r"|unterwegs) (?:before"
    r"|until|till|at|from|after|by|again|between|only|bis|ab|um|erst|wieder|am|in)\b",
    re.IGNORECASE,
)
"""When somebody is where."""
TOOLS: Final = words(
    "curl wget ssh ping tracert traceroute nslookup dig openssl netsh telnet robocopy net sc psexec scp"
)
JUDGING_WORDS: Final = words(
    """
    out proves confirms all itself settles belegt beweist bestätigt passt earth hell heck world devil from explains
    euro euros eur pounds quid dollars usd gbp chf francs budget quote quotation invoice angebot rechnung charge
    have can took way halfway ready round version plan dinner lunch breakfast later line level shift schicht support
    hotline window fenster wartungsfenster ticket case incident rma vorgang fall as done fertig erledigt
    arrive come kommen us my page chapter section question part teil seite kapitel record things crossed bear funny
    enough another job same see i we whether ob minute stay gewusst gesagt geschrieben wie
    """
)
"""One of them is in whatever `JUDGES` matches; it is looked for in small letters."""
JUDGES: Final = re.compile(
    r"^(?:(?:who|what|why|how|where) (?:on earth|the (?:hell|heck|devil)|in the world)\b"
    r"|(?:that|this|the (?:above|below)|log|output|paste)(?: one)?(?:'s| is| was| comes"
    r"| are) (?:taken )?from \S+[.!]?$"
    r"|(?:@?\w+: )?(?:see|siehe) (?:my|the|his|her|meine|die) (?:notes?|mails?|notiz)"
    r"|(?:as|like) (?:i|we|you|he|she) (?:wrote|said|noted|mentioned|told|posted)\b|wie (?:gesagt|geschrieben)\b"
    r"|(?:page|chapter|section|question|part|teil|seite|kapitel|line) \d+ (?:of (?:the|that|their) (?:manual"
    r"|guide|doc|handbook|book)"
    r"|above|below|explains?|follows|folgt|is still open)\b|(?:for the record|\d things)\b"
    r"|same as (?:on|in|for|with) (?:the|my)\b|(?:whether|ob)\b"
    r"|(?:change |maintenance )?window (?:approved|agreed|booked|granted)\b|they charge\b"
    r"|(?:i|we) (?:only )?(?:have|can be|could be|can do) (?:only |about |another |maybe )?(?:until|till|there"
    r"|here|on ?site|\d+ (?:min\w*|hours?|h)\b)|took \d+ \w+ (?:all in all|altogether|in total|overall)"
    r"|(?:on (?:my|the|his|her|their) way|half-?way|ready for|round \d|plan [a-d\d]\b|version \d of the plan"
    r"|(?:dinner|lunch|breakfast) (?:at|is))\b|\d+ [\w ]{2,30} later[.!]?$"
    r"|[\w ]{2,40} (?:arrive|come|kommen) (?:in |back )?(?:(?:on|at|by|am|um) )?(?:\w+day|\w+tag|tomorrow"
    r"|morgen|\d+(?:st|nd|rd|th)|\d\d?:\d\d)\b)"
    r"|\b(?:(?:bears? (?:it|this|that) out|proves (?:it|this|that|my point|the point)|confirms (?:it|this|that)"
    r"|says it all"
    r"|speaks for itself|settles (?:it|this|that)|explains (?:it|this|that|a lot|everything)"
    r"|(?:belegt|beweist|bestätigt) (?:das|es)|passt (?:dazu|zusammen|ins bild))[.!]?$"
    r"|(?:\d|only one|only two|both) of us\b|\d+[ -]minute job\b"
    r"|\d[\d.,]* ?(?:euros?|eur|pounds|quid|dollars|usd|gbp|chf|francs)\b"
    r"|(?:budget|quote|quotation|invoice|angebot|rechnung) (?:is|was|of|ist|liegt|over|über) |took (?:me|us) "
    r"|(?:1st|2nd|3rd|first|second|third)[ -](?:line|level)(?: support)? (?:has|have|is on|are on|knows?"
    r"|takes?|took)\b"
    r"|(?:shift|schicht|support|hotline|window|(?:wartungs)?fenster) (?:is|are|opens?"
    r"|closes?|starts?"
    r"|begins?|ends?|ist|öffnet|schließt|endet|beginnt) (?:only |open |closed |offen |nur |erst )?(?:(?:from|at"
    r"|until|till|not"
    r" before|after|between|ab|bis|um|von) )?(?:\d|noon|midnight|tonight|tomorrow|morgen|heute|\w+day|\w+tag)"
    r"|(?:ticket|case|incident|rma|vorgang|fall) (?:no\.? |nr\.? |number )?#?\w*\d[\w-]* (?:is|was|ist"
    r"|wurde) (?:still |noch )?"
    r"(?:open|opened|raised|logged|created|with|escalated|offen|eröffnet|angelegt|bei)\b|as (?:in"
    r"|per) (?:ticket|case)\b|\d+ (?:(?:out )?of|von) \d+ (?:done|fertig|erledigt)\b)"
    r"|fingers crossed|bear with me|very funny|enough to (?:stay|go|keep|call)|good for another",
)
"""What somebody makes of a finding, where what was pasted is from, what it costs, when who is there, how far it is."""
ANSWERS: Final = re.compile(
    r"(?:(?:the|a|an|its|our|their|der|die|das) )?(?!(?:it|he|she|they|i|we|es|er|sie"
    r"|ich)\b)(?:[\w-]+ ){1,3}(?:says?|said|answers|answered|reports?|reported|shows?"
    r"|showed|throws|threw|returns|returned|gives|gave|meldet|zeigt|sagt|antwortet|meldete) (?:\S+ ){0,3}[\"„“«'\d]",
    re.IGNORECASE,
)
"""What a thing answered, in its words."""
CONTACT: Final = re.compile(
    r"\b(?:(?:direct (?:line|dial)|mobile|cell|durchwahl|handy(?:nummer)?|call-?back number|rückrufnummer"
    r"|reach (?:me|him|her|us)) .*\d[\d /-]{4,}|number is \+?\d[\d /-]{5,}"
    r"|(?:on the phone|on hold|on (?:holiday|sick leave|leave|vacation)|off sick|im urlaub|krankgeschrieben|am telefon"
    r"|am apparat|warteschleife|hotline)\b)"
    r"|^(?:(?:\S+ ){1,4}(?:phoned|called(?= back| again| twice| in\b| us\b| me\b| at\b| about| and\b|[.,]|$)"
    r"|rang|texted|angerufen|rief)\b|[^:]{3,40}\bto go[.!]?$|[^,:]{3,60}\b(?:vor ort|at my desk)[.!]?$"
    r"|(?:the |der |die )?(?:kunde|kundin|client|customer|user|anwender(?:in)?|benutzer(?:in)?) (?:has |hat "
    r"|had )?(?:\S+ ){0,6}?(?:rebooted"
    r"|restarted|tried|reinstalled|reset|unplugged|moved|changed|swapped|\w*gestartet|versucht|probiert|ausgesteckt"
    r"|gezogen"
    r"|getauscht|geändert)\b)",
)
"""Who is reached how, and who called."""
CONTACT_WORDS: Final = words(
    """
    direct mobile cell durchwahl handy handynummer number rückrufnummer reach phoned called rang texted
    angerufen rief go
    ort desk phone hold holiday leave vacation sick urlaub krankgeschrieben telefon apparat warteschleife
    hotline kunde kundin client customer user anwender anwenderin
    benutzer benutzerin
    """
)
"""One of them is in whatever `CONTACT` matches; it is looked for in small letters."""
INFINITIVES: Final = words(
    """
    aktivieren deaktivieren ändern umstellen installieren deinstallieren löschen ersetzen freigeben eintragen anpassen
    umleiten einrichten stoppen setzen stellen einstellen schicken senden schalten ziehen umstecken abziehen beenden
    hochfahren herunterfahren booten nachziehen korrigieren zuweisen zuordnen migrieren hochladen ausrollen verlängern
    verkleinern vergrößern bereinigen aufräumen abbrechen umziehen aktualisieren umbenennen bestellen abmelden anmelden
    schließen starten neustarten leeren zurücksetzen abschalten einschalten ausschalten tauschen austauschen verschieben
    trennen verbinden entsperren sperren reparieren wiederherstellen einspielen aufspielen anrufen sichern kopieren
    erneuern erweitern prüfen überprüfen testen messen beobachten abwarten klären nachfragen nachsehen vergleichen
    auslesen protokollieren
    """
)
"""What ends with one of them, and has no other verb, asks for it."""
TIME_WORDS: Final = words(
    """
    next the same this later day week morning afternoon evening noon night midnight early late update and at on um am
    gegen half past quarter to nach vor heute gestern morgen früh mittag abend nacht uhr mittwoch mon tue tues wed weds
    thu thur thurs fri sat sun jan feb mar apr may jun jul aug sep oct nov dec january february march april june july
    august september october november december pm h monday tuesday wednesday thursday friday saturday sunday montag
    dienstag donnerstag freitag samstag sonntag minutes hours again still now only just already wieder ort
    """
)
PROGRAMS: Final = words(
    """
    outlook teams word excel windows chrome edge firefox browser app apps application agent service tool dialog dialogue
    window popup screen display page site website login wizard installer setup driver device phone printer scanner
    camera recorder controller array disk raid backup veeam job script task query database sql registry policy gpo
    permissions properties manual guide wiki article ticket mail header trace bounce dns dhcp ping traceroute ipconfig
    nslookup exchange azure entra intune defender sophos fortinet fortigate unifi meraki cisco aruba dell lenovo
    microsoft google apple synology qnap vmware vcenter esxi citrix sharepoint onedrive adobe sage datev panel label
    sensor meter ups bios uefi firmware bitlocker kerberos radius nps cups spooler queue inventory nagios zabbix grafana
    veem acronis hyperv gateway modem proxy antivirus scan check test alarm warning notification banner tooltip console
    terminal till pos tablet laptop monitor dashboard sheet list table file config document contract licence license
    """
)
"""What says something and is nobody: no client's report."""
