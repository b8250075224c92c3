"""The wordings of what was done, is left, and is to be done or not."""

from __future__ import annotations

from typing import Final

from handlers.wording import (
    CHANGE,
    DO_NOT,
    FOR_NOW,
    IF_THEN,
    LEFT,
    UNDO,
    UNDONE,
    wording,
)

DONE: Final = (
    wording(
        CHANGE,
        "added|created|disabled|excluded|exempted|whitelisted|bypassed|redirected|forwarded|rerouted|diverted",
        r"^(?!.*\b(?:is|are|was|were) \w+ and (?:ANY)\b)(?:.*?(?:[,;] ?| and | then "
        r"| & ))?(?:[\w']+ ){0,3}?(?:ANY)<ACTIVE>",
    ),
    wording(
        CHANGE,
        "hinzugefügt|angelegt|deaktiviert|ausgenommen|umgeleitet|umgebogen|freigegeben",
        r"\b(?:ANY)<CLAUSE_END>",
    ),
    wording(
        LEFT,
        """
        still|at the moment|at present|currently|until|till|stays|stay|remains|remain|now|noch|bleibt|bleiben
        zurzeit|derzeit|momentan|jetzt
        """,
        r"\b(?:is|are|stays?|remains?|has been|have been|ist|sind|bleibt|bleiben|run|runs|läuft|laufen"
        r"|goes|go|uses?|nimmt|nehmen)\b(?: \S+){0,4}? (?:<CHANGED>|<CHANGED_DE>|set|off|shut|diverted|in place|active"
        r"|aktiv|in group|in (?:the|our|its) (?:\S+ )?(?:list|group|config|firewall|policy|rule|scope|filter|whitelist"
        r"|allowlist|blocklist|exclusions?|maintenance mode|drain mode)|in (?:maintenance|drain|test|debug|safe|bypass)"
        r" mode|(?:un)?plugged(?: in)?|bridged|patched (?:to|into|in)|disconnected|detached|draining|bypassing"
        r"|rerouted|muted|drin|running config|read-only"
        r"|keine neuen|über den|via the backup|over the backup)\b",
    ),
    wording(
        LEFT,
        """
        in group|rule|exception|exclusion|bypass|entry|ausnahme|regel|eintrag|einträge|umleitung|redirect|forward
        forwarding
        """,
        r"\b(?:ANY)\b(?: \S+){0,6}? (?:is|are|ist|sind)(?: \S+){0,2} (?:active|in place|in the|still|aktiv|drin"
        r"|gesetzt|noch)\b|(?:is|are) in group\b",
    ),
    wording(
        LEFT,
        """
        until|as long as|on purpose|since my|bis|solange|vorerst|for the moment|that i set|i made it|i set
        """,
        r"^(?!.*\b(?:is|are|ist|sind|bin|am) (?:fully |only |back |nicht )?(?:away|off sick|out|on (?:holiday|leave"
        r"|vacation|site|call)|reachable|busy|full|booked|in an? \S+|unavailable|available|valid|here|there|at lunch"
        r"|krank|weg|erreichbar|im urlaub|voll|gültig)\b)(?!.*\b(?:he|she|they|i) (?:is|are|am|stays?)\b).*\b(?:is|are"
        r"|stays?|remains?|runs?|works?|on|bleibt|arbeitet|steht|ist|sind|use"
        r"|uses)\b.*\b(?:ANY)\b(?! (?:you like|one likes|\d\d:\d\d"
        r"|\d+(?:st|nd|rd|th)? (?:of|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|20)|20\d\d|midnight|noon|20))",
    ),
    wording(
        LEFT,
        "currently|for now|at the moment|zurzeit|momentan|derzeit|now",
        r"\b(?:running|runs|routed|works?|läuft|laufen|point|points|go|goes|arbeitet) (?:\S+ ){0,4}(?:on the|via"
        r"|over|through|to|über|auf dem|am) (?:\S+ )?(?:backup|old|other|second|spare|standby|secondary|lte|4g"
        r"|mobile|ersatz|alten|zweiten|\d)",
    ),
    wording(
        LEFT,
        "at the moment|at present|currently|zurzeit|momentan|derzeit|weiterhin",
        r"^(?!.*\b(?:errors?|fehler\w*|meldung|alarms?|warnings?|warnung)\b)[^,;]{2,60}\b(?:is|are|ist|sind"
        r"|steht|stehen|runs?|läuft|sits?|goes|go|uses?|bleibt)\b",
    ),
    wording(
        LEFT,
        "still|now|noch|weiterhin",
        r"^[^,;:]{2,60} (?:is|are|ist|sind) (?:ANY) (?:forced|wedged|propped|held|hard-?coded|clamped|limited|capped"
        r"|throttled|taped|pinned|bridged|locked (?:to|at)|fixed (?:to|at)|tied to|bound to|set|routed|mapped|pointed"
        r"|fest auf|begrenzt|gedrosselt|gebrückt)\b",
    ),
    wording(
        LEFT,
        "remove|removed|delete|deleted|undo|undone|revert|reverted|cut|take|taken|come|closed|close|withdraw|withdrawn|zurück|raus",
        r"\b(?:is|are|has|have|sits?|stays?|ist|sind|hat)\b.*, (?:(?:must|to be|needs? to be|has to be"
        r"|should be|muss)"
        r" (?:come out|(?:ANY)(?: down| back| out| off)?)(?: again| later| wieder)?|(?:ANY) (?:it|them"
        r"|that) (?:when|once"
        r"|after|later|again|as soon))\b|\bmust come out again\b",
    ),
    wording(
        LEFT,
        "still|noch|now|jetzt",
        r"^[^,;:]{2,60} (?:is|are|ist|sind|steht|stehen) (?:(?:still|noch|now|jetzt) (?:at|on|in|to|auf"
        r"|bei)\b(?! [\d.,]+ ?(?:%|percent|prozent|of|von|gb|mb|tb|ms|mbit|degrees|grad))"
        r"|(?!(?:on )?\d+\.\d+\.\d+)(?!(?:\S+ )?(?:correct|fine|okay|ok|gone|better|green|healthy|good|right|clean"
        r"|stable|full"
        r"|empty|red|up|down|online|offline|working|reachable|known|clear|weg|gut|grün|voll|leer|rot"
        r"|da) )(?:\S+ ){1,2}(?:now|jetzt)(?:[.,]?$| and ))",
    ),
    wording(
        LEFT,
        "steht auf",
        r"\bANY (?:manuell|aus|deaktiviert|manual)",
    ),
    wording(
        LEFT,
        "switched off|turned off|switched on|shut down",
        r"\b(?:is|are|ist|sind) (?:\S+ )?(?:ANY)\b.*\b(?:remember|on purpose|by me|for|until|please"
        r"|deliberately)\b",
    ),
    wording(
        LEFT,
        """
        is left on|are left on|is left off|are left off|is left at|are left at|is left in|are left in|is left out
        are left out|is left open|are left open|is left as|are left as|is left disabled|is left enabled|stays there
        stay there|stays put|stays like that|stays as it is|stays that way|not back on|not back to|not yet back on
        not yet back to|bleibt drin|bleibt dort|bleibt so stehen|vorläufig|einstweilen|fürs erste|temporär
        """,
        r"^(?!.*\b(?:no|kein\w*|need\w*|would|könnte|ob|nur)\b).*\b(?:ANY)\b",
    ),
    wording(
        LEFT,
        "stays without|stay without|remains without|runs without|remains in|remain in|läuft ohne|bleibt ohne",
        r"^(?!(?:he|she|they|it|i|we|who)\b)\S+(?: \S+){0,3} (?:ANY) (?!\w*(?:error|problem|issue|trouble|fehler"
        r"|störung)"
        r"|the queue|status|queue|state|memory|use\b)",
    ),
    wording(
        LEFT,
        "still",
        r"^(?:the |our |my )?(?:test|temp\w*|spare|travel|loan|dummy|trial|debug\w*|lab)\b.* ANY (?:up|on|there|in"
        r"|running"
        r"|active|enabled|plugged|connected|listed|set|open|live)\b",
    ),
    wording(
        LEFT,
        "weiterhin|noch",
        r"\w*(?:sperre|regel|ausnahme|umleitung|weiterleitung|filter|ausschluss|freigabe|blockade"
        r"|drosselung)\b.* (?:besteht"
        r"|bestehen|gilt|gelten|greift|steht|ist aktiv|sind aktiv) (?:ANY)\b|(?:ANY) (?:aktiv|gesetzt|in kraft)\b",
    ),
    wording(
        LEFT,
        "still",
        r"\bANY (?:contains|there|in the|in place|on|off|set|active|disabled|enabled|at|points|holds)\b.*(?:user"
        r"|entry|group|rule|test|list|exclusion|policy|config)|(?:entry|rule|user|exclusion|group|account"
        r"|route)\b.* is ANY (?:there|in|on|active)",
    ),
    wording(
        LEFT,
        "only|being diverted|being forwarded|being redirected|being routed|still stand|still stands",
        r"\b(?:is|are) (?:set|enabled|active|in the running config)\b.* only\b|\bnow \w+s (?:\S+ ){1,4}only\b"
        r"|\bbeing (?:di|fo|re|ro)\w+ to\b"
        r"|\bstill stands?[.!]?$",
    ),
    wording(
        FOR_NOW,
        "left",
        r"(?<!\d )(?<!gb )(?<!mb )(?<!tb )(?<!percent )(?<!he )(?<!who )\bleft (?:it|them|that|this|the \S+(?: \S+)?"
        r"|\S+(?: \S+)?) (?:on|off|in|out|at|open|disabled|enabled|running|active|as)\b",
    ),
    wording(
        LEFT,
        "drained|paused|suspended|isolated|parked",
        r"\b(?:is|are|stays?) (?:\w+ )?(?:ANY)\b",
    ),
    wording(
        FOR_NOW,
        """
        left it|left them|left that|leaving it|so gelassen|drin gelassen|is in place|are in place|for now
        for the time being|temporarily|workaround|stopgap|interim|vorübergehend
        bis auf weiteres|übergangsweise|provisorisch|notbehelf|until further notice|i left|we left|that stays until
        stays that way|übergangslösung|behelfsmäßig|lasse ich so|bleibt so|bleibt das so|until it is fixed
        until then|for the moment|vorerst|workaround in place|put it back afterwards|put back afterwards
        """,
        r"^(?!.*\b(?:works?|working|läuft|geht|holds?|stable|quiet|calm|ruhig|stabil|fine|ok|okay) (?:again "
        r"|wieder )?(?:for (?:now|the"
        r" moment|the time being)|vorerst))(?!leaving it (?:for|until|till|to run|to settle|to soak|overnight"
        r"|over)\b)"
        r"(?!.*\b(?:no|without an?|need an?|needs an?|thought (?:about|of) an?|thinking (?:about|of) an?"
        r"|considered an?|is there an?|any|promised an?|have an?) (?:\w+ )?(?:workaround|stopgap|interim)\b)"
        r"(?!.*\bleft (?:\S+ ){0,3}(?:alone|untouched|as is)\b).*",
    ),
    wording(
        FOR_NOW,
        "temporary",
        r"\bANY (?!profiles?\b|files?\b|folders?\b|tables?\b|access pass|pass\b|passwords?\b|errors?\b|failures?\b"
        r"|copy\b)",
    ),
    wording(
        UNDONE,
        """
        re-enabled it|re-enabled them|put it back|put them back|switched it back|switched back|turned it back on
        undid|changed it back|changed back|set it back|reverted it|rolled it back|removed it again|wieder aktiviert
        wieder deaktiviert|rückgängig gemacht|zurückgestellt
        """,
    ),
    wording(
        UNDONE,
        "set back|changed back|switched back|turned back|put back",
        r"(?:^|[,;.:] | and | then )(?:ANY) (?:to|on)\b",
    ),
    wording(
        UNDO,
        "undo|revert|roll back|rückgängig",
        r"^(?:to )?(?:ANY)\b",
    ),
    wording(
        DO_NOT,
        "do not|don't|dont|never",
        r"(?:^|[,;:\u2013-] |please |pls |and |but |so |also )(?:ANY)(?! (?:<PERCEPTION>|\w+[^s]s|\w+ed)\b)\b"
        r"(?<!never(?= (?:with|from|on|in|at|the|an?|by|once|before|again|more|when|for|to|both|all|any|it"
        r"|this|been|seen)\b))",
    ),
    wording(
        DO_NOT,
        "do not",
        r"^(?:please |and |but |so )?ANY (?!know|think|see|have|want|understand)",
    ),
    wording(
        DO_NOT,
        "nobody|no one|niemand",
        r"^(?:so |also )?(?:ANY) (?!(?:can|could|kann|konnte|will|would|on|at|in|of|from|here|else|there|but|is|was|has"
        r"|had|knows|ist|war|hat|wird|weiß|hier|vor|im|am|\w+ed)\b).*\b(?:before|until|bevor|bis)\b",
    ),
    wording(
        DO_NOT,
        "nobody|no one|niemand",
        r"^(?:ANY) (?:is|are) to (?!blame)\w+|^(?:ANY)\b.*\b(?:please|bitte)\b",
    ),
    wording(
        DO_NOT,
        "no",
        r"^ANY (?:\w+ )?(?:rebuilds?|re-?boots?|restarts?|restores?|resets?|fail-?overs?|rollbacks?|updates?"
        r"|upgrades?|changes?|firmware|tries|try|attempts?|runs?|tests?|shots?|flash\w*"
        r"|deletions?|deleting|format\w*|power-?cycl\w*|reinstall\w*|migration|experiments)\b.*\b(?:before"
        r"|until|while|please|without)\b",
    ),
    wording(
        DO_NOT,
        "don't go|do not go",
        r"^(?:please )?(?:ANY) (?:into|near|in|there|on|up)\b",
    ),
    wording(
        DO_NOT,
        "want",
        r"\b(?:don't|do not|doesn't|does not) ANY (?:you|anyone|anybody|us|this|that|them) to\b",
    ),
    wording(
        DO_NOT,
        """
        must not|mustn't|under no circumstances|hands off|auf keinen fall|keinesfalls|unter keinen umständen
        darf nicht|dürfen nicht|may not be|finger weg|no reboot|no reboots|leave alone
        stay away|keep your hands|bloß nicht|ja nicht|keep away from|niemand darf|nobody may|nobody must
        nobody should
        """,
    ),
    wording(
        DO_NOT,
        "should not be|shouldn't be",
        r"\b(?:ANY) (?!possible\b|necessary\b|needed\b|required\b|able\b|there\b|affected\b|an? |the |too |so "
        r"|visible\b|hard\b|difficult\b|happening\b|like )",
    ),
    wording(
        DO_NOT,
        "nobody|no one|niemand",
        r"\b(?:ANY) (?:to )?(?!\w+ed\b)(?:wip|touch|restart|reboot|delet|reset|power|unplug|reinstall)",
    ),
    wording(
        DO_NOT,
        "please|pls|bitte",
        r"\b(?:ANY),? (?:no|nobody|no one|niemand|kein|keine|keinen|nichts)\b",
    ),
    wording(
        DO_NOT,
        "leave|avoid",
        r"^(?:please |and |but )?ANY\b.*(?:alone|as it is|as they are|\w+ing\b)",
    ),
    wording(
        DO_NOT,
        "bitte",
        r"\bANY (?:[^\s,;]{1,40} ){0,6}(?:nicht|nichts|niemals|keine?[nmrs]?)\b",
    ),
    wording(
        DO_NOT,
        "nicht|nichts|keine|keinen",
        r"^(?![^,]*\b(?:ist|sind|war|waren|hat|haben|habe|kann|können|konnte|konnten|wird|werden|muss|müssen"
        r"|soll|sollen"
        r"|lässt|lassen|will|wollen|darf|wurde|wurden|möchte|würde|würden|könnte|lief|ließ|ich"
        r"|wir)\b)[^,.]{0,60}\b(?:ANY) (?:[^,.\s]+ ){0,3}\w{3,}en(?=[,.!]|$)",
    ),
    wording(
        DO_NOT,
        "no|keine|kein|keinen",
        r"^(?:ANY) .*\b(?:while|before|until|as long as|bevor|bis|solange)\b.*!$",
    ),
    wording(
        IF_THEN,
        "if|should|in case|once|wenn|falls|sobald",
        r"^(?:and |but |so |und |aber )?(?:ANY) [^?]{3,}(?:, \w|\bthen\b|\bdann\b)",
    ),
    wording(
        IF_THEN,
        "if",
        r"^ANY .{10,} (?:put|call|use|restart|set|switch|move|ring|pull|cut|turn|go|let|take|try|raise|tell|phone"
        r"|stop|run|give|ask|plug|swap)\b",
    ),
    wording(
        IF_THEN,
        "fällt|kommt|tritt|bricht|sollte|sollten|stürzt|meldet|ruft|hängt|bleibt|steigt|geht|läuft",
        r"^(?:ANY) [^?,]{5,}, \w",
    ),
    wording(
        IF_THEN,
        "if",
        r"\bANY (?=.{2,}\bthen\b)",
    ),
    wording(
        IF_THEN,
        "wenn|falls|sobald",
        r"\b(?:ANY) (?=.{2,}\bdann\b)",
    ),
)
