"""The wordings of what is known, guessed and told."""

from __future__ import annotations

from typing import Final

from handlers.wording import (
    CONTRADICTION,
    GENERAL,
    HYPOTHESIS,
    IMPACT,
    RECENT,
    REDACTED,
    REPORTED,
    RULED_OUT,
    SINCE,
    STATE,
    TECHNICAL,
    wording,
)

KNOWN: Final = (
    wording(
        GENERAL,
        """
        sometimes|usually|often|commonly|typically|tends to|tend to|typical of|typical for|häufig|meist|meistens|oft
        known issue|known bug|most cases|would also|usually because|often means|usually means|often caused by
        usually caused by|typically caused by|common reason|common cause|common causes|typical cause|typical causes
        typical reason|frequent cause|frequent reason|usual reason|usual cause
        """,
    ),
    wording(
        TECHNICAL,
        """
        service|server|firewall|queue|driver|log|logs|port|switch|certificate|cert|disk|disks|drive|printer|printing
        print|mail|mailbox|profile|policy|rule|job|backup|sync|tunnel|line|link|router|gateway|client|clients
        session|sessions|account|accounts|group|license|licence|licenses|licences|token|agent|update|updates|patch
        share|folder|file|files|database|table|index|replica|replication|cluster|node|host|hosts|volume|partition
        memory|process|task|registry|key|record|zone|lease|leases|scope|route|interface|adapter|controller
        access point|ap|signal|call|calls|trunk|phone|phones|handset|handsets|calendar|connector|room|rooms|app|apps
        browser|proxy|traffic|packet|packets|request|requests|error|errors|event|events|alert|alerts|alarm|status
        message|messages|console|portal|screen|battery|firmware|version|build|bios|chain|copy|object|objects
        template|exclusion|exclusions|setting|settings|cable|cables|power|fan|led|light|temperature|dienst|platte
        drucker|leitung|konto|postfach|freigabe|datei|dateien|regel|lizenz|lizenzen|zertifikat|protokoll|verbindung
        netz|netzwerk|rechner|anmeldung|anmeldungen|sicherung|laufwerk|kennwort|adresse|box|filiale|betrieb
        hauptbetrieb|kabel|treiber|gerät|leser|karte|audio|ssid|vlan|wan|lan|dns|dhcp|vpn|ping|test|attempt|attempts
        """,
    ),
    wording(
        HYPOTHESIS,
        """
        might|maybe|could be|perhaps|possibly|probably|presumably|likely|suspect|suspecting|suspicion|suspicious
        my guess|i guess|guess|guessing|i think|we think|i believe|looks like|looked like|seems like|seems to
        appears to|seem to|sounds like|not sure|unsure|not ruled out|can't rule out|cannot rule out
        haven't ruled out|feels like|have not ruled out|could have|theory|hypothesis|wonder if|wondering if|i wonder
        must have|smells like|smells of|points to|pointing to|point to|points at|hints at|suggests|suggest
        would explain|could explain|apparently|assume|assuming|i assume|first bet|first suspicion|suspicion was
        my bet|i'd bet|would fit|usual suspect|looks as if|as if|my money|or so|is dying|in my opinion|i'd say
        i would say|hunch|my feeling|a feeling|sounds to me|surprised if|only explanation|looks very much
        chances are|could well|if you ask me|it seems|fits a|fits the|one explanation|sieht für mich|kann gut sein
        not impossible|denke|explanation|to me it|looks to be|looks to me|seemingly|supposedly|evidently|conceivably
        plausible|pattern fits|timing fits|gehe davon aus|nehme an|ich meine|gefühl|bauchgefühl|hinweis auf
        spricht dafür|liegt wohl|wohl|denkbar|ursache dürfte|ursache könnte|ursache ist|cause is|reason is
        reason could|reason might|cause could|cause might|down to the|would mean|there must be|question is whether
        question is if|could have been|must have been|must be the|must be a|has to be the|culprit|to blame
        root cause|would also explain|fishy|would point|my theory|most likely|indicates|consistent with|a sign of
        müsste|spricht für|schuld|conceivable|reminds me of|may well be|explains why|imho|i reckon|reckon|tendency
        culprit could|candidate|vermutlich|wahrscheinlich|vielleicht|eventuell|möglicherweise|könnte|könnten|vermute
        vermuten|verdacht|evtl|ich glaube|glaube|ich denke|scheint|scheinen|nicht ausgeschlossen|nicht ausschließen
        sieht aus wie|sieht nach|deutet auf|deutet darauf|anscheinend|offenbar|womöglich|mutmaßlich|kann sein|dürfte
        klingt nach|riecht nach|würde passen|tippe auf|ich tippe|mein tipp|vermutung|schätze
        """,
    ),
    wording(
        HYPOTHESIS,
        "may",
        r"\bANY (?!not\b|i\b|we\b|you\b|edit\b|use\b|go\b|\d|and\b|,)[a-z]",
    ),
    wording(
        GENERAL,
        "can|often|usually",
        r"^[^,.]{1,60}\bANY (?:delay|drop|cause|lead|stall|break|happen|also be|mean)",
    ),
    wording(
        HYPOTHESIS,
        "would|could|might",
        r"\b(?:ANY) (?:it|that|this) (?:be|have)\b|\b(?:would|could) (?:be|also be|produce|cause|explain|fit|mean"
        r"|point|match)\b",
    ),
    wording(
        GENERAL,
        "often|usually|sometimes",
        r"^(?:ANY) (?:an?|the|this|it|such|when|that)\b",
    ),
    wording(
        RULED_OUT,
        """
        ruled out|rules out|rule out|not the cause|not related to|unrelated to|unrelated|nothing to do with|innocent
        can be excluded|can exclude|excludes|out of the picture|off the hook|not to blame|not at fault|not guilty
        out of the equation|out of the question|out of the running|out of contention|not to be blamed|we can drop it
        ruling out|not involved|isn't involved|neither the|as a cause|as the cause|forget about|is not broken
        not related|ausschließen|nicht in frage|war's nicht|war es nicht|hat es nichts|ist der switch raus
        als ursache|not depend on|doesn't seem to be|does not seem to be|not even involved|excluding|exclude the
        can be dropped|unverdächtig|entlastet|off the table|in the clear|nothing wrong with|plays no part
        plays no role|crossed off|cross off|struck off|eliminated|eliminates|discounted|clears the|irrelevant
        no influence|can't be it|cannot be it|doesn't look like|does not look like|ist raus|sind raus|ist damit raus
        spielt keine rolle|auch nicht schuld|no longer a suspect|can't be the|cannot be the|can not be the
        can't be that|off the list|has no part in|exonerated|ausgeschlossen|liegt nicht am|liegt nicht an
        liegt es nicht|liegt es sicher nicht|liegt's nicht|unschuldig|nicht die ursache|hat nichts mit
        damit nichts zu tun|nichts damit zu tun|nicht schuld|scheidet|scheiden|kann es nicht|kann's nicht
        fällt aus als|aus dem spiel|aus dem rennen|nicht das problem
        """,
    ),
    wording(
        RULED_OUT,
        """
        it's not|it is not|it isn't|it isnt|its not|is not it|isn't it|isnt it|that's not|that is not|that isn't
        not them|not it|isn't the|is not the|isnt the|aren't the|not our|not a|not an|wasn't the|was not the
        ist es nicht|es ist nicht|ist nicht|are not the|es liegt nicht|liegt nicht
        """,
        r"\b(?:(?:it|that|this)(?:'s| is|s| was)?(?: definitely| certainly| probably)?(?:n't| not|nt)(?! (?:on|in"
        r"|at|every|possible|clear|working|reachable|available|responding|there|running|even|showing|only|yet"
        r"|known|the (?:first|same|only|case)|listed|done|up|just|been|enough|set|really|joined|using)\b)|(?:is"
        r"|are|was|were)(?:n't| not|nt) (?:it|them|the (?:cause|problem|issue|culprit|reason|fault|trouble|one)"
        r"|our)|it's not them|not (?:it|them)\b|(?:ist es|es ist|es liegt|liegt) (?:sicher |wohl "
        r"|also )?nicht)(?:\b|$)",
    ),
    wording(
        RULED_OUT,
        "not the|not our|nicht der|nicht die|nicht das|nicht am",
        r"<START>(?:ANY)(?! (?:first|only|same|case|best|right|latest|one|way|time|erste|einzige|fall|single|lot"
        r"|nicest|end|most|point|idea|whole)\b)\b",
    ),
    wording(
        RULED_OUT,
        "not a|not an|kein",
        r"<START>(?:ANY)\b.*\b(?:problem|issue|fault|thing|matter|cause|question|error|bug|block|failure|defect"
        r"|defekt|fehler|thema)\b",
    ),
    wording(
        RULED_OUT,
        "all right|alright|fine|ok|okay|clean|good|no factor",
        r"^(?:so|then|therefore|damit|also) .*\b(?:is|are|ist|sind) (?:ANY)\b|\bno factor\b",
    ),
    wording(
        RULED_OUT,
        "no|not|kein|keine",
        r"^(?:so|then|therefore|thus|hence|also|damit|somit|ok|okay|definitely|clearly|which means"
        r"|that means)[, ]+(?:it's |it is |it can't be |definitely |it cannot be |certainly )*(?:no|not|kein"
        r"|keine) |^no (?:\w+ ){1,3}(?:problem|issue|fault|block)(?: either| then)[.]?$"
        r"|^not (?:\S+ ){1,4}(?:problem|issue|fault|either|then|matter)\b|^(?:definitely|certainly|clearly|so"
        r"|probably) not\b|^kein \w*(?:problem|fehler|defekt)\b",
    ),
    wording(
        RULED_OUT,
        "therefore|so|thus|hence",
        r"^(?:ANY) (?:it |this |that )?(?:can't|cannot|can not|isn't|is not|won't) be\b|^(?:ANY) .{2,60} (?:isn't"
        r"|is not) (?:the|a|an|it|our)\b",
    ),
    wording(
        RULED_OUT,
        "also nicht|auch nicht|dann nicht|then not",
        r"\b(?:also (?:auch )?nicht|auch nicht|dann nicht|then not)[.]?$",
    ),
    wording(
        RULED_OUT,
        "raus|aus dem schneider",
        r"\b(?:ist|sind|damit|wäre)\b.*\b(?:ANY)[.,]?$",
    ),
    wording(
        RULED_OUT,
        "nicht",
        r"^(?!.*\bnoch\b)[^,.]{2,50}\b(?:ist|sind|war|waren) es (?:also |auch |wohl |sicher )?ANY\b",
    ),
    wording(
        RULED_OUT,
        "excluded|out|cleared",
        r"^[^,.;:]{2,60}(?: is| are)? (?:excluded|(?<=is )out|(?<=are )out)[,.;:]?$",
    ),
    wording(
        REPORTED,
        "<CLIENT>",
        r"^(?:the |our |der |die )?(?:ANY)(?: [^\s:]+){0,3}?(?::| (?:says?|said|reports?|reported|told|claims?"
        r"|claimed|mentions|mentioned|confirms?|confirmed|complains?|states?|stated|sagt|sagte|meldet|meldete"
        r"|berichtet|meint)\b)",
    ),
    wording(
        REPORTED,
        "according to|laut",
        r"^(?:ANY) (?:the |our )?(?:client|customer|user|owner|boss|manager|reception|frau|herr|herrn|mr|mrs|ms|dr"
        r"|her|him|them)\b",
    ),
    wording(
        REPORTED,
        "on the phone|told me|told us|tells me|reports that|reported that|mentioned that",
        r"^[^,:]{1,50}?\b(?:ANY)\b",
    ),
    wording(
        REPORTED,
        "client|customer|user|kunde|kundin|anwender",
        r"^(?:per|according to|laut) (?:the )?(?:ANY)\b",
    ),
    wording(
        CONTRADICTION,
        """
        contradicts|contradict|contradicting|contradiction|contradictory|inconsistent|doesn't match|does not match
        doesn't add up|conflicting|contrary to|unlike what|widerspricht|widersprüchlich|passt nicht zu|entgegen
        """,
    ),
    wording(
        REDACTED,
        "redacted",
    ),
    wording(
        STATE,
        """
        running|stopped|working|works|work|fails|failing|fail|failed|missing|empty|full|healthy|degraded|online
        offline|dead|alive|active|inactive|enabled|disabled|pending|expired|valid|invalid|locked|unlocked|blocked
        reachable|unreachable|affected|normal|normally|fine|ok|okay|correct|wrong|identical|different|unchanged
        constant|intermittent|none|no|neither|each|every|both|same|unmanaged|encrypted|open|closed|listening
        connected|disconnected|idle|busy|stuck|hanging|hangs|hung|frozen|freezes|freeze|crashes|crashed|drops
        dropped|slow|fast|green|red|amber|corrupt|damaged|broken|bent|loose|present|absent|available|unavailable
        unknown|undefined|licensed|unlicensed|shows|show|says|reads|lists|names|contains|reports|logged|returns
        answers|responds|replies|rejects|accepts|denies|inspects|uses|listens|resolves|points|sits|belongs|holds
        stays|keeps|counts|repeats|appears|disappears|lost|gone|goes|prints|print|loads|starts|ends|error|errors
        warning|warnings|timeout|timed out|denied|refused|exceeded|unable|cannot|can't|doesn't|isn't|aren't|stay
        come|comes|go|hold|keep|lie|lies|sit|appear|drop|stop|stops|answer|respond|resolve|point|load|start|end|run
        runs|read|reach|reaches|arrive|connect|connects|register|registers|registered|receive|receives|send|sends
        forwards|block|blocks|deny|allows|push|pushes|pulls|use|share|shares|hosts|mount|serve|serves|supports|match
        matches|differ|differs|exist|exists|remain|remains|jump|jumps|spike|spikes|peak|peaks|flap|loop|climbs
        exceeds|lack|lacks|contain|include|includes|hang|reboots|restarts|boots|boot|blink|blinks|beeps|lit|dark
        expires|false|true|zero|takes|take|needs|asks|begins|liegt|liegen|antwortet|antworten|nutzt|startet|starten
        bricht|kommt|kommen|bekommt|bekommen|blinkt|dauert|braucht|stimmt|passt|existiert|enthält|verwendet|bleibt
        bleiben|landet|landen|schickt|sendet|druckt|drucken|sieht|clean|confirms|routed|mapped|assigned|bound|linked
        signed|issued|set|is|are|has|have|was|were|leaves|arrives|passes|pass|rises|rising|grows|growing|falls|flaps
        flapping|loops|balanced|optimal|certificate|ist|sind|hat|haben|war|waren|läuft|laufen|steht|stehen|hängt
        hängen|fehlt|fehlen|zeigt|meldet|funktioniert|geht|gehen|fragen|löst|alle|beide|leer|voll|aktiv|inaktiv
        offen|erreichbar|falsch|richtig|defekt|gesperrt|abgelaufen
        """,
    ),
    wording(
        IMPACT,
        """
        users|people|staff|employees|mailboxes|clients|sites|workstations|pcs|computers|machines|branches|devices
        handsets|classrooms|practices|designers|dispatchers|offices|teams|drivers|tills|desks|seats|patients|doctors
        laptops|phones|rooms|benutzer|mitarbeiter|mitarbeitern|anwender|arbeitsplätze|arbeitsplätzen|plätze|plätzen
        kollegen|standorte|kassen|leute|personen|benutzern|anwendern|filialen|praxen|colleagues|agents|nurses
        students|teachers|stores|shops|terminals|engineers|accountants
        """,
        r"\b(?:\d+|all|several|many|multiple|most|some|both|alle|mehrere|viele|sämtliche|two|three|four|five|six"
        r"|seven|eight|nine|ten|eleven|twelve|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|half"
        r"|every)(?: of)?(?: the| our| \d+)?(?: \w+){0,2} (?:ANY)\b",
    ),
    wording(
        IMPACT,
        """
        everyone|everybody|nobody|no one|whole office|entire office|whole team|whole company|production is down
        nothing can|production down|cannot work|can't work|unable to work|business critical|payroll|outage
        standstill|has stopped|have stopped|niemand|gesamte|ganze firma|stillstand|nicht arbeiten|steht still|steht
        stehen still|betroffen|warten|is down|are down|work stopped|cannot|can't|no backup|all eight|lose|losing
        revenue|deadline|stands still|stand still|idle|keiner|kein|affected|wait|waiting|pickers
        """,
    ),
    wording(
        SINCE,
        """
        since|seit|ab|been|beginn|started|starting|began|begann|came|noticed|for|first|reported|happened|going on
        """,
        r"<SINCE>",
    ),
    wording(
        RECENT,
        """
        after the update|since the update|after updating|after an update|was updated|were updated|in place of
        updated yesterday|update last|was upgraded|were upgraded|after the upgrade|since the upgrade|migrated
        after the migration|since the migration|was replaced|were replaced|new firewall|new switch|new router
        new server|new isp|got patched|was patched|firmware upgrade|patch weekend|patchday|swapped out
        maintenance on|cumulative update|was moved to|were moved to|changed yesterday|changed last|recently
        last reboot|cut over|cutover|went live|rolled out|nach dem update|seit dem update|seit der umstellung
        nach der umstellung|migriert|went out|neue firewall|neuer router|kürzlich|vor kurzem|firmware-update|neulich
        vor zwei tagen|letzte woche|am wochenende
        """,
        r"^(?!.*\bnot (?:yet )?(?:rolled out|updated|migrated))(?!.*\bnicht\b).*",
    ),
    wording(
        RECENT,
        "was|were|got|has been|have been|wurde|wurden|hat|haben|had",
        r"\b(?:ANY) (?:[^\s,;]+ ){0,7}?(?:modified|put in|renewed|rotated|demoted|promoted|recreated|deployed"
        r"|edited|retired|umbenannt|gehoben|rebuilt|re-?issued|<CHANGED>|<CHANGED_DE>|eingespielt|getauscht"
        r"|erneuert|ausgerollt|umgezogen|umgebaut|verlegt|rolled out|swapped|reconfigured|restored|cut over)\b",
    ),
    wording(
        RECENT,
        """
        yesterday|last night|last week|monday|tuesday|wednesday|thursday|friday|saturday|sunday|weekend
        the day before|the night before|gestern|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|days ago
        weeks ago
        """,
        r"\b(?:was|were|got|has been|have been|ran|wurde|wurden) (?!(?:not|still|fine|ok|down|up|on|off|running"
        r"|working|last|seen|affected|called|told|asked|needed|able|available)\b)(?:\S+ ){0,6}?\S+(?:ed|t|en|ut"
        r"|ught)\b|\bran on\b|\btouched\b",
    ),
    wording(
        RECENT,
        """
        power cut|power outage|storm|power flickered|thunderstorm|electrician|stromausfall|gewitter|blitzschlag
        elektriker|renovation|building work|bauarbeiten
        """,
        r"^",
    ),
    wording(
        RECENT,
        "since|seit",
        r"\b(?:new|neuer?|neues)\b.*\b(?:ANY) (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|last"
        r"|yesterday|montag|dienstag|mittwoch|donnerstag|freitag|gestern|letzte)|^(?:ANY) (?:\w+ ){1,2}(?:ist|sind"
        r"|läuft) ein(?:e)? neue",
    ),
    wording(
        RECENT,
        """
        weeks ago|days ago|week ago|day ago|month ago|months ago|hours ago|last month|last week|over the weekend
        the day before|the night before|during the holidays|beginning of the month|vor zwei wochen|vor einer woche
        vor drei tagen|letzten|letzte woche|letztes wochenende|am wochenende|in der nacht|during the night
        the evening before|tuesday night|monday night|sunday night|saturday night|friday night|on the 1st|on the 2nd
        in the night|am freitag|am montag|am dienstag|am mittwoch|am donnerstag|am samstag|am sonntag
        """,
        r"\b(?:changed|moved|swapped|replaced|got|new|neuer?|neues|neuen|demoted|promoted|deployed|migrated"
        r"|recreated|renamed|rotated|edited|came in|came|installed|upgraded|updated|rebuilt|renewed|added|removed"
        r"|deleted|enabled|disabled|set up|umbenannt|gehoben|umgestellt|getauscht|kam|update|umgezogen|erneuert"
        r"|ausgerollt|retired|decommissioned|painted|cabling|went live|switched|reconfigured|patched|imported"
        r"|applied|rolled out|merged|split|shut down|wurde|wurden)\b",
    ),
    wording(
        RECENT,
        """
        yesterday|last night|this week|on saturday|on sunday|on monday|on tuesday|on wednesday|on thursday|on friday
        last week|saturday|sunday|gestern|weekend|monday|tuesday|wednesday|thursday|friday|tonight|this morning
        """,
        r"\b(?:added|changed|replaced|moved|installed|updated|upgraded|swapped|renewed|new|modified|rolled out"
        r"|switched on|switched to|maintenance|renamed|rotated|demoted|promoted|recreated|deployed|migrated|edited"
        r"|changed over|came in|got|rebuilt|swapped out|enabled|disabled|removed|deleted|created|lief ein|kam ein"
        r"|umgestellt|getauscht|umbenannt)\b",
    ),
)
