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
    wording,
)

KNOWN: Final = (
    wording(
        GENERAL,
        """
        sometimes|usually|often|commonly|typically|tends to|tend to|typical of|typical for|häufig|meist|meistens|oft
        known issue|known bug|most cases|would also|usually because|often means|usually means|often caused by
        usually caused by|typically caused by|common reason|common cause|common causes|typical cause|typical causes
        typical reason|frequent cause|frequent reason|usual reason|usual cause|because|due to
        """,
    ),
    wording(
        HYPOTHESIS,
        """
        might've|must've|could've|i bet|prob
        maybe|could be|perhaps|possibly|probably|presumably|likely|suspecting|suspicion|suspicious
        my guess|i guess|guess|guessing|i think|we think|i believe|looks like|looked like|seems like|seems to
        appears to|seem to|sounds like|not sure|unsure|not ruled out|can't rule out|cannot rule out
        haven't ruled out|feels like|have not ruled out|could have|theory|wonder if|wondering if|i wonder
        must have|smells like|smells of|hints at|suggests
        would explain|could explain|apparently|assume|assuming|i assume|first bet|first suspicion|suspicion was
        my bet|i'd bet|would fit|usual suspect|looks as if|as if|my money|is dying|in my opinion|i'd say
        i would say|hunch|my feeling|a feeling|sounds to me|surprised if|only explanation|looks very much
        chances are|could well|if you ask me|it seems|fits a|fits the|one explanation|sieht für mich|kann gut sein
        not impossible|denke|explanation|to me it|looks to be|looks to me|seemingly|supposedly|evidently|conceivably
        plausible|pattern fits|timing fits|gehe davon aus|nehme an|ich meine|gefühl|bauchgefühl|hinweis auf
        spricht dafür|liegt wohl|wohl|denkbar|ursache dürfte|ursache könnte|ursache ist|cause is|reason is
        reason could|reason might|cause could|cause might|down to the|would mean|there must be|question is whether
        question is if|could have been|must have been|must be the|must be a|has to be the|culprit|to blame
        root cause|would also explain|fishy|would point|my theory|most likely|indicates|consistent with|a sign of
        reads like|would bet|likeliest|würde ich tippen|to me that's|it must be|that must be|this must be
        müsste|spricht für|schuld|conceivable|reminds me of|may well be|explains why|imho|i reckon|reckon|tendency
        culprit could|candidate|vermutlich|wahrscheinlich|vielleicht|eventuell|möglicherweise|könnte|könnten|vermute
        vermuten|verdacht|evtl|ich glaube|glaube|ich denke|scheint|scheinen|nicht ausgeschlossen|nicht ausschließen
        sieht aus wie|sieht nach|deutet auf|deutet darauf|anscheinend|offenbar|womöglich|mutmaßlich|kann sein|dürfte
        klingt nach|riecht nach|würde passen|tippe auf|ich tippe|mein tipp|vermutung|schätze
        """,
    ),
    wording(
        HYPOTHESIS,
        "points|point|pointing|pointed",
        r"\b(?:ANY) (?:to|at|towards?) (?!\S*[\d@\\]|it\b|nothing|us\b|(?:the|an|our|their|its)"
        r" (?:old|new|wrong|right|previous|former|same|other)\b|(?-i:[A-Z]+-))",
    ),
    wording(
        HYPOTHESIS,
        "suspect|suggest|hypothesis",
        r"\b(?:suspect(?! (?:state|mode|pages?|status|database)\b)|(?<!i )(?<!i'd )(?<!we )(?<!would )suggest"
        r"|hypothesis(?! (?:confirmed|disproved|dead|falsified)\b))\b",
    ),
    wording(
        HYPOTHESIS,
        "may",
        r"\bANY (?!not (?!have\b|be\b)|i\b|we\b|you\b|edit\b|use\b|go\b|\d|and\b|,|plug\b|read\b|want\b|take as\b"
        r"|do\b|call\b"
        r"|touch\b|enter\b|see\b|know\b)[a-z]",
    ),
    wording(
        HYPOTHESIS,
        "might",
        r"\bANY (?!(?:do|pop|go|try|call|swing|drop by|want|plug|have to|need to|come by|come in|stay late|take a"
        r"|ask)\b)",
    ),
    wording(
        GENERAL,
        "kann",
        r"\bANY (?:\S+ ){0,8}(?:kommen|liegen|verursach\w+|entstehen|führen|auslösen|blockieren|stören)\b",
    ),
    wording(
        GENERAL,
        "can|often|usually",
        r"^[^,.]{1,60}\bANY (?:delay|drop|cause|lead|stall|break|happen|also be|mean)",
    ),
    wording(
        HYPOTHESIS,
        "would|could|might",
        r"\b(?:ANY) (?:it|that|this) (?:be|have)\b|\b(?:would|could) (?:be|also be|also mean|mean|come from|stem from"
        r"|produce|cause|explain|fit|mean"
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
        can't be that|theory is dead|theories are dead|scrap the|scratch the|we can drop|can drop that|can drop this
        does not explain|doesn't explain|don't explain|do not explain|aren't to blame|isn't to blame|wasn't to blame
        isn't behind|is not behind|aren't behind|are not behind|wasn't behind|isn't responsible|not responsible
        is therefore out|are therefore out|is thus out|falls away|fällt weg|fallen weg|ist entlastet|can be struck
        safe to exclude|ticked off|doesn't come from|does not come from|kommt nicht von|kommt nicht vom|off the list
        has no part in|exonerated|ausgeschlossen|liegt nicht am|liegt nicht an
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
        r"|known|the (?:first|same|only|case)|listed|done|up|just|been|enough|set|really|joined|using|over|fixed"
        r"|solved|finished|resolved|closed|safe|ready|urgent|static|cloud)\b)(?![.!]?$)|(?:is"
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
        r"|keine) (?!fixed|solved|done|over|yet|resolved|finished|\w+ing (?:here|there)|\w+ (?:here|there)[.]?$)"
        r"|^no (?:\w+ ){1,3}(?:problem|issue|fault|block)(?: either| then)[.]?$"
        r"|^not (?:\S+ ){1,4}(?:problem|issue|fault|either|then|matter)\b|^(?:definitely|certainly|clearly|so"
        r"|probably) not\b(?! (?:fixed|solved|done|over|yet|resolved|finished)\b)|^kein \w*(?:problem|fehler|defekt)\b",
    ),
    wording(
        RULED_OUT,
        "exclude",
        r"\b(?:i|we|i'd|we'd|would|can|could|to|safely|therefore) ANY (?!.*\b(?:from|in) (?:the )?(?:scan\w*"
        r"|backup\w*|policy"
        r"|defender|antivirus|av|sync\w*)\b)",
    ),
    wording(
        RULED_OUT,
        "it|that|this",
        r"^(?:but |so |and |no,? )?(?:ANY) (?:can't|cannot|can not|can hardly|won't) be (?!\w+ed\b|done|reached|right"
        r"|true|it\b.*\?)",
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
        r"^(?!.*\b(?:muss|müssen|soll\w*)\b).*\b(?:ist|sind|damit|wäre)\b.*\b(?:ANY)[.,]?$",
    ),
    wording(
        RULED_OUT,
        "nicht",
        r"^(?!.*\bnoch\b)[^,.]{2,50}\b(?:ist|sind|war|waren) es (?:also |auch |wohl |sicher )?ANY\b",
    ),
    wording(
        RULED_OUT,
        "excluded|out|cleared",
        r"^(?!(?:power|light|led|lamp|he|she|line|internet|connection|electricity|link|the (?:power|light|led|lamp|line"
        r"|internet|connection|link)) )[^,.;:]{2,60}(?: is| are)? (?:excluded|(?<=is )out|(?<=are )out)"
        r"(?:[,.;:]?$|, (?:since|because|as|no|it|they|the|that|this|\w+ \w+ \w+)\b| for (?:that|this|these)\b)",
    ),
    wording(
        REPORTED,
        "<CLIENT>",
        r"^(?:the |our |der |die )?(?:ANY)(?: [^\s:]+){0,3}?(?::(?!\d)| (?:says?|said|reports?|reported|told|claims?"
        r"|claimed|mentions|mentioned|confirms?|confirmed|complains?|states?|stated|sagt|sagte|meldet|meldete"
        r"|berichtet|meint)\b)",
    ),
    wording(
        REPORTED,
        "she says|he says|she said|he said|sie sagt|er sagt|sagt sie|sagt er",
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
        revenue|deadline|stands still|stand still|keiner|kein|affected|wait|waiting|pickers
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
        last reboot|came with a new|came with the new|came with the update|came with an update|cut over|cutover
        went live|rolled out|nach dem update|seit dem update|seit der umstellung
        nach der umstellung|migriert|neue firewall|neuer router|kürzlich|vor kurzem|firmware-update|neulich
        vor zwei tagen|letzte woche|am wochenende
        """,
        r"^(?!.*\bnot (?:yet )?(?:rolled out|updated|migrated))(?!.*\bnicht\b)(?!.*\bcumulative update (?:rolls|won't"
        r"|doesn't|fails"
        r"|failed|won't)).*",
    ),
    wording(
        RECENT,
        "went from|moved from|switched from|changed from|came from",
        r"\b(?:went|moved|switched|changed|came) from (?!\d+ )\S+(?: \S+)? to\b",
    ),
    wording(
        RECENT,
        """
        <CHANGED>|<CHANGED_DE>|rotated|renewed|demoted|promoted|deployed|recreated|rebuilt|merged|split|cut over
        """,
        r"^(?=.*\b(?:on the \d{1,2}(?:st|nd|rd|th)|am \d{1,2}\.)(?: |$|[.,;]))(?!.*\b(?:i'll|will|would|werden?|to be"
        r"|due|planned|scheduled)\b).*\b(?:ANY)\b",
    ),
    wording(
        RECENT,
        "went out",
        r"\b(?:update|patch|version|rollout|policy|gpo|release|image|build|agent|firmware)\w* (?:\S+ ){0,8}?ANY\b",
    ),
    wording(
        RECENT,
        "was|were|got|has been|have been|wurde|wurden|hat|haben|had",
        r"^(?!(?:no|nothing|nobody) ).*?\b(?<!ticket )(?<!case )(?:ANY) (?:[^\s,;]+ ){0,7}?(?:modified|put in"
        r"|renewed|rotated|demoted|promoted|recreated|deployed"
        r"|edited|retired|umbenannt|gehoben|rebuilt|re-?issued|<CHANGED>|<CHANGED_DE>|eingespielt|getauscht"
        r"|erneuert|ausgerollt|umgezogen|umgebaut|verlegt|rolled out|swapped|reconfigured|restored|cut over)\b",
    ),
    wording(
        RECENT,
        """
        yesterday|last night|last week|last month|this week|this morning|today|night|weekend|monday|tuesday
        wednesday|thursday|friday|saturday|sunday|january|february|march|april|june|july|august|september|october
        november|december|on the 1st|on the 2nd|the day before|the evening before|hours ago|day ago|days ago|week ago
        weeks ago|month ago|months ago|during the holidays|beginning of the month|gestern|montag|dienstag|mittwoch
        donnerstag|freitag|samstag|sonntag|wochenende|letzte|letzten|letztes|vor zwei wochen|vor einer woche
        vor drei tagen|in der nacht|weds|tues|thurs|jan|feb|oct|nov|dec|sept|januar|februar|märz|juni|juli
        oktober|dezember
        """,
        r"^(?!no |next |nothing |nobody |.*\bnothing (?:was|has)\b|.*\b(?:was|were|got|wurden?) (?:cut|dropped"
        r"|kicked|lost|disconnected|interrupted|hit"
        r"|rejected|refused|quarantined|bounced|thrown|locked|getrennt|unterbrochen|abgebrochen) (?:again|off"
        r"|out|twice|wieder|erneut)|.*\b(?:by|before|until|bis|vor) \w+(?:day|tag)\b)"
        r".*?(?:\b(?:was|were|got|had|has been|have been|ran) (?!(?:not|no|nicht|still|fine|ok|down|up|on|off|running"
        r"|working"
        r"|last|seen|affected|called|told|asked|needed|able|available|going|in|away|waiting|about"
        r"|the last)\b)(?:\S+ ){0,8}?(?:\S+(?:ed|ught)|built|rebuilt|sent|cut|put|reset|rewritten|taken|given|broken)\b"
        r"|\b(?:wurden?|hat|haben) (?!nicht\b|noch\b)(?:\S+ ){0,8}?\S+(?:t|en)\b|\bran on\b|\btouched\b|\b(?:<CHANGED>"
        r"|<CHANGED_DE>|swapped|got|new|neue[nrs]?|demoted|promoted|deployed|recreated|rotated|edited|(?<!call )"
        r"(?<!calls )(?<!ticket )(?<!tickets )(?<!reports )(?<!alert )(?<!alarm )(?<!mail )(?<!mails )came in|rebuilt"
        r"|renewed|modified|pushed|put in|maintenance|umbenannt|gehoben|getauscht|kam|update|umgezogen|erneuert"
        r"|ausgerollt|retired|decommissioned|painted|cabling|went live|patched|imported|rolled out"
        r"|rolled (?:\S+ ){1,3}out|merged"
        r"|split|onboarded|tightened|hardened|enforced|introduced|converted"
        r"|virtuali[sz]ed|relocated|rewired|recabled|renumbered|re-?addressed|re-?imaged|consolidated|restructured"
        r"|wurden?"
        r"|(?:lief|kam) ein)\b)",
    ),
    wording(
        RECENT,
        """
        power cut|power outage|storm|power flickered|thunderstorm|electrician|stromausfall|gewitter|blitzschlag
        elektriker|renovation|building work|bauarbeiten
        """,
        r"^(?!.*\b(?:since|seit|before|vor) (?:the|that|dem|a|last) )(?!.*\b(?:is|are|ist) (?:informed|called|coming"
        r"|booked|on (?:the|his)"
        r"|informiert|bestellt))",
    ),
    wording(
        RECENT,
        "new|neue|neuer|neues|neuen",
        r"^(?:\S+ )?(?:ANY) (?!.*\b(?:is|are|was|ist|sind)\b).*\b(?:since|seit|last)\b"
        r"|\b(?:since|seit) (?:last|letzte\w*)|^(?:since|seit) (?:\w+ ){1,2}(?:ist|sind|läuft) eine? neue",
    ),
)
