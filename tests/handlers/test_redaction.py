"""What one text of a session gives away as a secret is one wherever it stands."""

from __future__ import annotations

from handlers.redaction import redact_all, secrets_in, without

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
