"""Data at risk: a backup that fails every night and an array with one disk too few."""

from __future__ import annotations

from typing import Final

from server.demo_story import Claimed, Escalated, Said, Started, Story, Tagged, TaskAdded, TaskMoved, ago

TANNRIED_VEEAM: Final = Story(
    tenant="acme",
    key="tannried-veeam-vss",
    opened_ago=ago(d=1, h=2, m=10),
    by="mia",
    title="Backup of the SQL server fails for three nights, VSS writer error",
    client_name="Tannried Immobilien",
    problem=(
        "Veeam job 'Server taeglich' fails for TR-SQL01 only, the other five machines are fine. Last restore point "
        "is three days old."
    ),
    steps=(
        Said(
            ago(d=1, h=2, m=8),
            "mia",
            "note",
            "Job log: Failed to create snapshot: Backup job failed. Cannot create a shadow copy of the volumes "
            "containing writer's data. A VSS critical writer has failed. Writer name: [SqlServerWriter]. Writer "
            "error code: [0x800423f4], the writer experienced a non-transient error.",
        ),
        TaskAdded(ago(d=1, h=2), "mia", "writers", "State of the writers", "vssadmin list writers"),
        TaskMoved(
            ago(d=1, h=1, m=48),
            "mia",
            "writers",
            "done",
            "SqlServerWriter: Status [8] Fehlgeschlagen, letzter Fehler: Nicht wiederholbarer Fehler. All others "
            "stable.",
        ),
        Said(
            ago(d=1, h=1, m=40),
            "mia",
            "note",
            "Application log at the time of the job: SQLVDI event 1 'Loc=SignalAbort. Desc=Client initiates abort', "
            "SQLWRITER 24583 'Sqllib-Fehler: OLEDB-Fehler beim Aufrufen von ICommandText::Execute. hr = 0x80040e14. "
            "SQLSTATE: 42000, Native Error: 3013'.",
        ),
        Said(
            ago(d=1, h=1, m=35),
            "mia",
            "assistant",
            "Native error 3013 is 'BACKUP DATABASE is terminating abnormally'; the error above it in the SQL error "
            "log names the database. Frequent causes: a database name with a trailing space, a database in the "
            "middle of a restore, a data file on a volume without shadow storage, missing sysadmin right of NT "
            "SERVICE\\SQLWriter.",
        ),
        TaskAdded(ago(d=1, h=1, m=30), "mia", "restart", "Restart SQL Server VSS Writer, run the job for this machine"),
        Said(
            ago(d=1, h=1, m=12),
            "mia",
            "note",
            "No antivirus module for SQL on the machine, no second backup product, VSS providers: only 'Microsoft "
            "Software Shadow Copy provider 1.0'. Last Windows update 16 days ago, before the first failure by 12 "
            "days.",
        ),
        TaskMoved(
            ago(d=1, m=50),
            "mia",
            "restart",
            "failed",
            "Writer stable after the restart, fails again at freeze after 41 s. Same codes.",
        ),
        TaskAdded(ago(d=1, m=45), "mia", "space", "Shadow storage on D: and E:", "vssadmin list shadowstorage"),
        TaskMoved(
            ago(d=1, m=31), "mia", "space", "done", "D: 12 % of 40 GB used, E: unbounded, 210 GB free. Not the space."
        ),
        Said(
            ago(h=23, m=50),
            "mia",
            "client",
            "Unser Wirtschaftsprüfer kommt nächste Woche. Sind die Daten denn gesichert?",
        ),
        TaskAdded(
            ago(h=23, m=30), "mia", "copyonly", "Stopgap: native copy-only backup of the property database to the NAS"
        ),
        TaskMoved(
            ago(h=22, m=15),
            "mia",
            "copyonly",
            "done",
            "IMMO_PROD, 38 GB, checksum verified, on TR-NAS01. Scheduled nightly at 21:00 until the job runs again.",
        ),
        TaskAdded(ago(h=4, m=20), "mia", "errorlog", "SQL error log of last night's run"),
        TaskMoved(
            ago(h=3, m=40),
            "mia",
            "errorlog",
            "failed",
            "Access denied to the log folder and my login is not sysadmin on the instance. The account that "
            "installed it belongs to the software house.",
        ),
        Said(
            ago(h=3, m=25),
            "mia",
            "note",
            "Fourth failure last night. What I can see without sysadmin: sys.databases lists 'IMMO_ARCHIV' and one "
            "more name that looks the same but is one character longer. Could be the trailing space, I cannot prove "
            "it.",
        ),
        Escalated(
            ago(h=3, m=10),
            "mia",
            "normal",
            "skill",
            "Get sysadmin on the instance the clean way (start in single-user mode, or through the software house) "
            "and rename or detach the second IMMO_ARCHIV if it is what I think.",
            "Property database is safe through the native backup. Nothing else on TR-SQL01 is backed up since four "
            "nights.",
        ),
        Tagged(ago(h=3, m=8), "mia", ("skill:sql",)),
        Said(
            ago(m=50),
            "mia",
            "client",
            "Der Prüfer braucht den Stand vom Monatsende. Ist der in der Sicherung enthalten?",
        ),
    ),
)

ERLENWALL_RAID: Final = Story(
    tenant="acme",
    key="erlenwall-raid",
    opened_ago=ago(h=3, m=5),
    by="jonas",
    title="RAID 5 degraded and a second disk reports predictive failure",
    client_name="Praxis am Erlenwall",
    problem=(
        "Monitoring: virtual disk 0 of EW-SRV01 degraded. One disk failed, another one warns. The server carries the "
        "practice system with all patient data."
    ),
    steps=(
        Said(
            ago(h=3, m=2),
            "jonas",
            "note",
            "EW-SRV01, PowerEdge T440, PERC H730P. OMSA alert 2048: device failed, physical disk 0:1:2. Virtual disk "
            "0 (RAID 5, 4 x 1.2 TB SAS) degraded. Backplane shows amber on bay 2.",
        ),
        TaskAdded(ago(h=2, m=58), "jonas", "state", "State of all disks", "perccli64 /c0/eall/sall show all"),
        TaskMoved(
            ago(h=2, m=46),
            "jonas",
            "state",
            "done",
            "Bay 2: Failed. Bay 3: Online, predictive failure count 4, media error count 37. Bays 0 and 1 without "
            "errors.",
        ),
        Said(
            ago(h=2, m=42),
            "jonas",
            "note",
            "If bay 3 goes during the rebuild the array is lost. So no rebuild before there is a verified backup. Do "
            "not pull any disk, do not restart.",
        ),
        TaskAdded(ago(h=2, m=40), "jonas", "backup", "Last good backup and when it was restored for the last time"),
        TaskMoved(
            ago(h=2, m=25),
            "jonas",
            "backup",
            "done",
            "Last job last night 22:40, success, 640 GB. Last restore test seven months ago, file level only.",
        ),
        Said(
            ago(h=2, m=20),
            "jonas",
            "client",
            "We can work, everything seems normal. Do we have to send the patients home?",
        ),
        Said(
            ago(h=2, m=16),
            "jonas",
            "assistant",
            "With one disk failed and a second in predictive failure, the order is: fresh full backup with "
            "verification, then replace the failed disk, rebuild, then replace the second. A rebuild reads every "
            "sector of the weak disk; 37 media errors make an unrecoverable stripe likely. Restoring on new disks "
            "may be safer than rebuilding.",
        ),
        TaskAdded(ago(h=2, m=12), "jonas", "parts", "Dell: two disks by the 4-hour contract"),
        TaskMoved(
            ago(h=2, m=1), "jonas", "parts", "doing", "Service request is open, courier promised within 4 hours."
        ),
        Escalated(
            ago(h=1, m=55),
            "jonas",
            "critical",
            "risk",
            "Decide with the client: rebuild onto a new disk with bay 3 weak, or full backup and restore on a fresh "
            "array tonight. I do not want to take that alone.",
            "Practice is full until the evening. Do not start a rebuild, patrol read is paused (perccli64 /c0 set "
            "patrolread=off), to be set back afterwards.",
        ),
        Claimed(ago(h=1, m=50), "tomasz"),
        Started(ago(h=1, m=48), "tomasz", "continue"),
        Said(
            ago(h=1, m=43),
            "tomasz",
            "note",
            "Spoke with Dr Hagedorn: practice goes on, no new scans are archived until the backup is through. "
            "Decision: incremental now, full image at closing time, then new array and restore tonight. No rebuild "
            "over bay 3.",
        ),
        TaskAdded(ago(h=1, m=40), "tomasz", "incr", "Incremental of the practice database and documents to the NAS"),
        TaskAdded(
            ago(h=1, m=39),
            "tomasz",
            "verify",
            "Boot last night's image as a VM on the loan host",
            "Isolated network, log on to the practice system",
        ),
        TaskAdded(ago(h=1, m=38), "tomasz", "night", "Tonight: new array over 4 disks, restore, patrol read back on"),
        TaskMoved(ago(h=1, m=36), "tomasz", "incr", "doing"),
        Said(
            ago(h=1, m=20),
            "tomasz",
            "assistant",
            "Before the array is deleted: export the foreign configuration and the controller log, note stripe size "
            "and order of the disks. Keep all four old disks labelled by bay until the restored server has run for a "
            "week.",
        ),
        TaskMoved(
            ago(h=1, m=4),
            "tomasz",
            "incr",
            "done",
            "41 GB, no read errors reported by the controller, media error count of bay 3 unchanged at 37.",
        ),
        TaskMoved(ago(h=1), "tomasz", "verify", "doing"),
        Said(
            ago(m=42),
            "jonas",
            "note",
            "Courier called: both disks arrive within the next hour. I drive there and wait, nobody touches the bays "
            "before Tomasz says so.",
        ),
        Said(
            ago(m=21),
            "tomasz",
            "note",
            "Image boots on the loan host, practice system starts, last patient of yesterday is there. So the way "
            "back exists. Image of tonight still needed.",
        ),
        TaskMoved(
            ago(m=19),
            "tomasz",
            "verify",
            "done",
            "VM up in 9 minutes, database consistent (DBCC CHECKDB without errors).",
        ),
    ),
)

STORIES: Final = (TANNRIED_VEEAM, ERLENWALL_RAID)
