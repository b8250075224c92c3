"""The wordings of plans, promises, talk and titles."""

from __future__ import annotations

from typing import Final

from handlers.wording import (
    CHANGE_ASKED,
    COURTESY,
    DEED_ASKED,
    NOT_DONE,
    PLAN,
    PROMISE,
    SMALL_TALK,
    TALK,
    wording,
)

SAID: Final = (
    wording(
        PLAN,
        """
        i'll|we'll|i will|we will|will|going to|gonna|next step|next steps|nächster schritt|nächste schritte
        let's|todo|should|ich werde|planning|wir werden
        for later|werde|als nächstes|tomorrow|later on|tonight|need to|needs to|have to|has to|must|would|i'd|wouldn't
        soll|sollte|muss|müssen|würde|wäre|geplant|nachher|demnächst|planned|to do|supposed to|want to|wants to
        to be done|waiting for|warte auf|morgen früh|still to|wird noch|werden noch|about to|remains to|beobachte
        heute abend|can you|in a minute|keep an eye|after lunch|shall|sollten
        könnten wir|möchte
        """,
    ),
    wording(
        PLAN,
        "wird|werden",
        r"^(?:\S+ ){0,3}(?:ANY) (?:morgen|heute|nächste\w*|noch|dann|gleich|später|demnächst|am \w+tag|am mittwoch)\b",
    ),
    wording(
        PLAN,
        "scheduled",
        r"\bANY (?:for|at|on|to|tonight|tomorrow|with)\b|\bANY[.,!]?$",
    ),
    wording(
        PLAN,
        "comes|arrives|kommt|due|calls",
        r"^(?!.*\b(?:mails?|messages?|packets?|requests?|traffic|events?|errors?|each|every|jed\w*"
        r"|anruf\w*)\b)[^,;:]{2,50} (?:comes"
        r"|arrives|kommt|is due|are due|calls) (?:back |zurück |in |by )?(?:on |at |am |um |by |bis |gegen |next "
        r"|between |tomorrow"
        r"|today|morgen|heute|\w+day\b|\w+tag\b)",
    ),
    wording(
        PLAN,
        "plan|plans",
        r"^(?:the |my |our |so |and )*plans?(?::| is| are| was| for| b\b| now| would|,)|\b(?:i|we|they|he"
        r"|she) (?:also |still )?plans?\b"
        r"|\b(?:as|is|not) the plan\b",
    ),
    wording(
        PLAN,
        "next|someone|somebody|jemand|later|then|dann|back to",
        r"^(?:ok |so |and |but )?(?:next(?::| up\b| i\b| we\b| is\b|,)|someone|somebody|jemand|later|then (?:i|we|an?"
        r"|the)\b|dann |back to)",
    ),
    wording(
        TALK,
        """
        i|i'm|i've|i'd|we|we've|we're|we'd|you|your|please|pls|ich|wir|du|ihr|bitte|assistant|assistant's|bot|bot's
        lol|sigh|grr|told|thanks|danke|sorry|hm|hmm|leider|schade|anyone|anybody|fixed|solved|resolved
        gelöst|behoben|nonsense|quatsch
        """,
    ),
    wording(
        TALK,
        "oh|ai|ki",
        r"\b(?:ANY)\b(?![-\d])",
    ),
    wording(
        TALK,
        "wants",
        r"\bANY (?![\"\d])",
    ),
    wording(
        NOT_DONE,
        """
        not|haven't|havent|didn't|didnt|hasn't|nothing|nobody|no|nicht|nichts|keine|noch|never|won't|wont|without
        """,
        r"^(?:so |but |and |still |ok |it |i |we )*(?:not (?!in\b|a\b|on\b|every|all|reachable|enough|found"
        r"|possible|available|listed|joined)|have not|haven'?t|did not|didn'?t|hasn'?t|has not been touched"
        r"|nothing (?:is|was|has been)? ?(?:done|changed|touched|restored|deleted)|nobody (?:of us|did|has|here"
        r"|touched|was)|noch nicht|nichts (?:geändert|gemacht)|no (?:access|idea|time|permission|rights|record"
        r"|clue|one|luck))|\bnot (?:re|un)?(?:started|restarted|rebooted|touched|tried|tested|changed|done"
        r"|rolled out|reset|checked|asked|looked)\b|noch nicht (?:neu |\w+ )?(?:gestartet|gemacht|getestet|geprüft"
        r"|versucht|angefasst|probiert)|\bnicht angefasst|\bhabe ich .* nicht|nicht gemacht",
    ),
    wording(
        PROMISE,
        "<CLIENT>",
        r"\b(?:told|informed|assured|promised) (?:the |our )?(?:ANY)\b",
    ),
    wording(
        PROMISE,
        "told|assured|informed|said",
        r"\b(?:told|assured|informed|i said) (?!me\b|us\b)(?:\S+ ){0,4}?(?:we|i|we'll|we'd|i'll|i'd|it|that|they"
        r"|she|he)\b.*(?:\bwill\b|'ll\b|\bgets?\b|\bwould\b|'d\b|\bcall\b)",
    ),
    wording(
        PROMISE,
        "gets|get|bekommt|erhält|kriegt",
        r"^[^,;]{1,50}?\b(?:ANY) (?!no\b|kein)(?:\S+ ){0,2}(?:calls?|updates?|status|messages?|mails?|reply|answer|news"
        r"|anruf|rückruf|bescheid|rückmeldung|antwort)\b(?! from (?:the|their)\b)",
    ),
    wording(
        PROMISE,
        "expects|expecting|expect|erwartet",
        r"^[^,.;]{1,40}\b(?:ANY) (?:to hear|a |an |our |news|us|the next|unseren|einen|eine|bis)",
    ),
    wording(
        PROMISE,
        "agreed",
        r"\bANY (?:with \S+(?: \S+){0,2} )?(?:that we|that i|to (?:ring|call|phone|report|update|check|meet|be)"
        r"|on a call|a call|we)\b",
    ),
    wording(
        PROMISE,
        "said|told|confirmed|informed|assured|let",
        r"^(?:i |we |have |i have |i've |also |and |so )*(?:said|told|confirmed to|informed|assured"
        r"|let)\b(?! me\b).*?(?:\b(?:we|i|he|she|they|someone|an engineer|somebody)(?:'d|'ll| would| will| call"
        r"| report| come| ring| get| check| are| is)|\b(?:by|at|until|before|after|within) (?:\d|noon|lunch|five"
        r"|four|three|two|one|ten|eleven|twelve|monday|tuesday|wednesday|thursday|friday|saturday|tomorrow|the end"
        r"|tonight)|\btomorrow\b|\bupdate at\b|: update|\bno data is\b)",
    ),
    wording(
        PROMISE,
        "told|asked",
        r"\b(?:was|were|been) (?:ANY) (?:to expect|that (?:we|he|she|they))\b",
    ),
    wording(
        PROMISE,
        "bekommt|erhält|kriegt",
        r"\b(?:ANY)\b.*\b(?:rückmeldung|anruf|rückruf|bescheid|antwort|info|nachricht|update)\b",
    ),
    wording(
        PROMISE,
        "update to|due|is due|client at",
        r"\b(?:update|call|answer|news|report)\b.*\b(?:to|for) (?:the |our )?(?:client|customer|user|owner"
        r"|kunde\w*)\b.*\b(?:at|by|due|before)\b",
    ),
    wording(
        PROMISE,
        "gesagt|mitgeteilt|zugesagt|vereinbart|ausgemacht|versprochen|zugesichert",
        r"\b(?:ANY)\b(?=.*\b(?:wir|ich|bis|um|morgen|heute)\b)|\b(?:bis|um|rückruf|anruf|für)\b.*\b(?:ANY)\b",
    ),
    wording(
        PROMISE,
        "rückruf",
        r"^(?!.*\b(?:warte|warten|kein|keinen|nach)\b).*",
    ),
    wording(
        PROMISE,
        "melden",
        r"\b(?:dass )?wir (?:uns )?.*\bmelden\b",
    ),
    wording(
        PROMISE,
        "from us",
        r"\bhears? (?:\S+ )?ANY\b",
    ),
    wording(
        PROMISE,
        "hört|hören",
        r"\b(?:von|wieder von) (?:uns|mir)\b.*\b(?:ANY)\b|\b(?:ANY)\b.* (?:von|wieder von) (?:uns|mir)\b",
    ),
    wording(
        PROMISE,
        """
        promised|committed to|will call back|call back at|call back by|call them back|call him back|call her back
        owe them|will get back to|calling back at|rufe zurück|rufen zurück|versprochen|zugesagt|be back to her
        be back to him|my promise|our word|my word|we owe|i owe|given my word|wir melden uns|melden uns bis
        melden uns|melde mich|die zusage|zugesichert|bescheid geben|get back to her|get back to him|get back to them
        """,
    ),
    wording(
        COURTESY,
        """
        thank|thanks|thank you|danke|merci|gracias|cheers|please|bitte|could you|can you|would you|let me know|hope
        looking forward|sorry for|sorry to|sorry about|no rush|take your time|best regards|kind regards|grüße|gruß
        you are a|you're a|star|legend|i am in|i'm in|i will be|i'll be|call me|ring me|happy to|good luck|great job
        well done|nice|super|appreciate|annoying|afraid
        """,
        r"^(?:ok |okay |oh |and |so |many |but )*(?:ANY)\b(?!.*\b(?:error|fails?|not working|nobody|cannot|can't"
        r"|printed|prints|works)\b)|please hurry|melden sie sich",
    ),
    wording(
        COURTESY,
        """
        i|we|i'm|we're|i'll|we'll|i'd|we'd|my boss|my manager|this is|it's|it is|no worries|never mind|don't worry
        just wanted
        ich|wir|das ist|mein chef|kein problem|keine sorge
        """,
        r"^(?:but |and |so |anyway,? |well,? |look,? |also |honestly,? )?(?:(?:i|we) (?:am|are|will|need|want|hope"
        r"|know|understand|trust"
        r"|really|just (?:want|need|hope)|would|have (?:an?|to|no time)|must|can wait|don't (?:know|understand|want"
        r"|need|mind|care)|thought|guess"
        r"|suppose|open at|close at|leave|pay)\b|(?:i'm|we're|i'll|we'll|i'd|we'd) |my (?:boss|manager) |(?:this is"
        r"|it's|it is) (?:very |really |so "
        r"|getting |quite |a bit |not )?(?:urgent|annoying|unacceptable|important|ok|okay|serious|embarrassing"
        r"|ridiculous|frustrating|a (?:nightmare|disaster|joke|pain))"
        r"|no worries|never mind|don't worry|just wanted|(?:ich|wir) (?:bin|sind|brauche|brauchen|muss|müssen|hoffe"
        r"|hoffen|weiß|verstehe|warte|warten|will|wollen|werde)\b"
        r"|das ist (?:sehr |echt |wirklich )?(?:dringend|ärgerlich|wichtig|peinlich)|mein chef |kein problem"
        r"|keine sorge)",
    ),
    wording(
        CHANGE_ASKED,
        """
        disable|enable|add|remove|create|delete|change|switch|move|migrate|install|uninstall|replace|roll back|block
        allow|whitelist|exclude|turn off|turn on|close|rename|grant|revoke|assign|redirect|forward|bypass
        increase|raise|lower|decrease|configure|reconfigure|adjust|apply|stop|upgrade|downgrade|update|set
        """,
        r"^(?:ANY)\b(?! up the\b)(?!.*(?:,| and| then) (?:re)?(?:start|enable)\b)",
    ),
    wording(
        CHANGE_ASKED,
        "open",
        r"^ANY (?:the |a |up )?(?:\S+ )?(?:ports?|firewall|tcp|udp|access|path|\d+)\b",
    ),
    wording(
        CHANGE_ASKED,
        "stopgap|workaround|isolate",
        r"^(?:ANY)\b",
    ),
    wording(
        CHANGE_ASKED,
        """
        deaktivieren|aktivieren|hinzufügen|anlegen|entfernen|ändern|umstellen|installieren|deinstallieren|löschen
        ersetzen|freigeben|eintragen|anpassen|umleiten|einrichten|stoppen
        """,
        r"\b(?:ANY)<CLAUSE_END>",
    ),
    wording(
        DEED_ASKED,
        """
        turn|power-cycle|shut|restart|reboot|clear|reinstall|re-add|re-enable|patch|restore|rebuild|recreate|repair
        flush|renew|release
        unlock|retry|reset|unlink|link|push|pull|pause|resume|clamp|sign in|log in|call|ask|send|print|delete|kill
        disconnect|reconnect|unplug|plug|isolate|pin|roll out|revoke|import|sync|force|extend|free|copy
        register|clean|purge|activate|deactivate|shut|power cycle|put|take|cut|swap|try|run|rerun|re-run|start|end
        cancel|drain|fail over|failover|rescan|scan|mount|unmount|same settings|test restore|restrict|rotate
        point|repoint|correct|raise|bind|rebind|route|reroute|map|remap|attach|detach|mail|email|phone|ring|chase
        inform|warn
        notify|hand|upload|download|convert|renumber|relabel|re-enrol|re-enroll|enrol|enroll|republish|publish|reconnect
        cycle|recycle|reload|redeploy|deploy|defragment|truncate|shrink|compact|archive|quarantine|reimage|re-image|boot
        wipe|limit|step|make|forget|erase|format|bring|give|let|hold|keep|leave|extend|expand|enlarge|reduce|trim|tidy
        rebalance|reseat|unblock|approve|accept|issue|reissue
        storage vmotion|vmotion|dism|sfc|chkdsk|set up|swap out|uninstall|downgrade|label|agency|order|book|write
        enter|rejoin|join
        """,
        r"^(?:ANY)\b",
    ),
    wording(
        DEED_ASKED,
        """
        setzen|stellen|einstellen|schicken|senden|schalten|drehen|ziehen|umstecken|abziehen|beenden|hochfahren
        rückgängig machen
        herunterfahren|booten|nachziehen|korrigieren|zuweisen|zuordnen|migrieren|hochladen|ausrollen|verlängern
        verkleinern|vergrößern|bereinigen|aufräumen|abbrechen|umziehen|aktualisieren|drucken|umbenennen|bestellen
        abmelden|anmelden|schließen|starten|neustarten|leeren|zurücksetzen|abschalten|einschalten|ausschalten
        tauschen|verschieben|trennen|verbinden|entsperren|sperren|reparieren|wiederherstellen|einspielen|aufspielen
        anrufen|sichern|kopieren|erneuern
        """,
        r"\b(?:ANY)<CLAUSE_END>",
    ),
    wording(
        SMALL_TALK,
        """
        hi|hello|hey|thanks|thank you|thx|many thanks|regards|kind regards|best regards|good morning|good luck
        good afternoon|dear|cheers|hallo|guten morgen|guten tag|danke|vielen dank|mit freundlichen grüßen|super
        servus|viele grüße|beste grüße|any update|any updates|any news|sounds good|great|perfect|taking a look|on it
        merci|grazie|looking into it|sent from my|fingers crossed|no problem|ok|okay|good|morning|bonjour|hola
        gracias|ciao|moin|top|prima|bonne|buenos|salut|happy|enjoy|have a
        """,
        r"^(?:ANY)(?:[ ,!.]{1,3}\w+){0,2}[ ,!.?]{0,4}$",
    ),
)
