"""What one text of a session gives away as a secret is one wherever it stands."""

from __future__ import annotations

import pytest

from handlers.redaction import redact, redact_all, secrets_in, without

SAID = "Tina says the password was Blue4Horse9, nothing else."
LATER = ["Tried it (Blue4Horse9!) on the VM, it opens.", "Version 10.4.2 of the client, KB5041578 is missing."]


def test_a_secret_given_away_once_is_masked_in_every_text() -> None:
    """Also with a mark behind it; what a diagnosis needs stays."""
    assert redact_all([SAID, *LATER]) == [
        "Tina says the password was [redacted], nothing else.",
        "Tried it ([redacted]!) on the VM, it opens.",
        LATER[1],
    ]
    assert [without(text, secrets_in([SAID])) for text in LATER] == [
        "Tried it ([redacted]!) on the VM, it opens.",
        LATER[1],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Do not hard-reset SB-RDS01. Last backup of UPD$ is from last night 23:00.",
        "Backup job of server01 fails since the restart, error 0x80042306 on SRV2019.",
        "Recovery of the mailbox jdoe2 took 45 minutes, ticket 4711234.",
    ],
)
def test_backups_are_spoken_of_freely(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    ("text", "clear"),
    [
        ("The L2TP pre-shared key, it's Sab0t-Lyon!4471 in the old docs.", "it's [redacted] in the old docs."),
        ("His password - it was Blue4Horse9 - is old.", "it was [redacted] - is old."),
        ("Reset her password, it is fine now.", "it is fine now."),
        ("About the key, it's on PC-0142.", "it's on PC-0142."),
    ],
)
def test_a_secret_named_in_the_next_clause_is_masked(text: str, clear: str) -> None:
    """What is no secret stays."""
    assert redact(text).endswith(clear)
