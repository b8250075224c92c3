"""Laptops that ask for keys and laptops that never finish their setup."""

from __future__ import annotations

from typing import Final

from server.demo_story import Escalated, Said, Story, TaskAdded, TaskMoved, ago

RIDGEMOOR_BITLOCKER: Final = Story(
    tenant="acme",
    key="ridgemoor-bitlocker",
    opened_ago=ago(d=1, h=8),
    by="jonas",
    title="Eleven laptops ask for the recovery key at every start",
    client_name="Ridgemoor Surveyors",
    problem=(
        "After a firmware update 11 of 26 laptops want the BitLocker recovery key at each restart. People have their "
        "key on a slip of paper, annoying but they can work."
    ),
    steps=(
        Said(
            ago(d=1, h=7, m=50),
            "jonas",
            "client",
            "Typing 48 digits in the van every morning is no fun. The other fifteen machines are fine and they are "
            "the same model.",
        ),
        TaskAdded(
            ago(d=1, h=7, m=35),
            "jonas",
            "pcr",
            "Validation profile on a good and a bad machine",
            "manage-bde -protectors -get C:",
        ),
        TaskMoved(
            ago(d=1, h=6, m=50),
            "jonas",
            "pcr",
            "done",
            "Good: PCR 7, 11 (uses Secure Boot for integrity validation). Bad: PCR 0, 2, 4, 11. msinfo32 on the bad "
            "ones: 'PCR7 configuration: binding not possible'.",
        ),
        Said(
            ago(d=1, h=6, m=42),
            "jonas",
            "assistant",
            "Without PCR 7 the firmware itself is measured (PCR 0, 2), so every firmware change asks for the key "
            "once. Every start means that the measurement changes each time or that the protector is never sealed "
            "again. Suspend and resume seals again; if it comes back, look at what is loaded before the boot manager.",
        ),
        TaskAdded(ago(d=1, h=6, m=30), "jonas", "reseal", "Suspend for one restart and resume on two laptops"),
        Said(
            ago(d=1, h=6, m=10),
            "jonas",
            "note",
            "Firmware came by Windows Update as a driver package (1.21 to 1.24) to all 26, on the same evening. So "
            "the firmware alone does not explain the eleven.",
        ),
        TaskMoved(
            ago(d=1, h=5, m=15),
            "jonas",
            "reseal",
            "failed",
            "Clean on the first restart, key again on the second. Event 24635 BitLocker-Driver after each.",
        ),
        TaskAdded(ago(d=1, h=5), "jonas", "dock", "Test without dock and without USB devices"),
        TaskMoved(ago(h=22, m=30), "jonas", "dock", "done", "No difference. Dock and option ROM ruled out."),
        TaskAdded(
            ago(h=22),
            "jonas",
            "secureboot",
            "Compare Secure Boot databases",
            "Get-SecureBootUEFI db, dbx and the third-party CA switch in the BIOS",
        ),
        Said(
            ago(h=20, m=10),
            "jonas",
            "client",
            "Our apprentice has no slip of paper any more. Can you send him the key again?",
        ),
        Said(
            ago(h=19, m=50),
            "jonas",
            "note",
            "Key read to him on the phone after the call-back, rotation of that key triggered afterwards.",
        ),
        TaskMoved(
            ago(h=15, m=5),
            "jonas",
            "secureboot",
            "done",
            "Bad ones have 'Allow Microsoft 3rd party UEFI CA' on, good ones off. Same firmware 1.24. All bad ones "
            "are from the second delivery.",
        ),
        Said(
            ago(h=14, m=40),
            "jonas",
            "note",
            "Two hours over the time box. Suspect: with the third-party CA on, PCR 7 cannot be bound. Switching it "
            "off could be done remotely with the vendor's BIOS tool, but that itself changes a measurement, and I "
            "have nobody at the laptops in the evening who could type the key.",
        ),
        Escalated(
            ago(h=14, m=10),
            "jonas",
            "low",
            "time_box",
            "Confirm the plan (third-party CA off by the BIOS tool, protectors suspended for two restarts, resume) "
            "and say whether you would do it for all 11 at once or in groups.",
            "All 11 recovery keys are in Entra, checked. Undo: same switch back on.",
        ),
        Said(
            ago(h=13, m=50),
            "jonas",
            "client",
            "Tomorrow after 9 would be good, then everybody is out with the van and has the laptop with them.",
        ),
    ),
)

WEXMERE_AUTOPILOT: Final = Story(
    tenant="acme",
    key="wexmere-autopilot",
    opened_ago=ago(h=20, m=30),
    by="jonas",
    title="New laptops stop at 'Preparing your device for mobile management'",
    client_name="Wexmere Charity Trust",
    problem="Eight new laptops for the fundraising team stop in the enrolment status page. The team starts next week.",
    steps=(
        Said(
            ago(h=20, m=25),
            "jonas",
            "note",
            "All eight stop in 'Device setup' after 60 minutes with 0x800705b4 (timeout). Security policies 1 of 1, "
            "certificates none, apps 3 of 4.",
        ),
        TaskAdded(
            ago(h=20, m=15),
            "jonas",
            "diag",
            "Collect the diagnostics from one laptop",
            "mdmdiagnosticstool.exe -area Autopilot;DeviceProvisioning -cab",
        ),
        TaskMoved(
            ago(h=19, m=35),
            "jonas",
            "diag",
            "done",
            "Fourth app: 'Donor database client', Win32, detection fails. Installer exits 0, "
            "IntuneManagementExtension.log: 'application not detected after install', three tries.",
        ),
        Said(
            ago(h=19, m=28),
            "jonas",
            "assistant",
            "Exit code 0 with failed detection: check the detection rule against what the installer really leaves "
            "behind. A file rule on C:\\Program Files does not match a 32-bit installer, which writes to C:\\Program "
            "Files (x86), unless '32-bit app' is ticked.",
        ),
        TaskAdded(ago(h=19, m=20), "jonas", "rule", "Correct the detection rule"),
        TaskMoved(
            ago(h=18, m=55),
            "jonas",
            "rule",
            "done",
            "Version 9.2 of the client moved its folder to 'DonorBase\\Client'. Rule now checks the product code in "
            "the registry.",
        ),
        TaskAdded(ago(h=18, m=50), "jonas", "reset", "Wipe one laptop and run it again"),
        TaskMoved(ago(h=3, m=30), "jonas", "reset", "done", "Through in 34 minutes, desktop with all apps."),
        TaskAdded(ago(h=3, m=25), "jonas", "rest", "Wipe the other seven, two at a time because of the line there"),
        TaskMoved(ago(h=2, m=50), "jonas", "rest", "doing", "Two done, two running."),
        Said(
            ago(h=2, m=40),
            "jonas",
            "client",
            "The first one works, our trainee has already logged on with it. Is it alright to leave the others "
            "switched on over lunch?",
        ),
        Said(
            ago(h=2, m=35),
            "jonas",
            "note",
            "Yes, lid open and on the charger. Line is 50 Mbit/s, each laptop pulls about 7 GB.",
        ),
        Said(
            ago(m=55),
            "jonas",
            "note",
            "Four done. One of the next pair shows 0x80180014: it is still registered as a personal device of a "
            "volunteer. Deleting the old record, then again.",
        ),
        Said(ago(m=35), "jonas", "client", "We found a ninth box in the store room, same model. Can it come along?"),
    ),
)

STORIES: Final = (RIDGEMOOR_BITLOCKER, WEXMERE_AUTOPILOT)
