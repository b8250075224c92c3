"""What people of two accounts might send: mostly what fits, and what does not too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar
from uuid import UUID, uuid4

from store.models import Principal, Role

T = TypeVar("T")
View = dict[str, Any]
Sent = tuple[Principal, str, View]

MISFIT = 0.12
NEW_SESSION: View = {"session": None, "messages": [], "tasks": [], "handoffs": []}


class Imagined:
    """Draws commands with `dice`, in view of the `states` of the sessions; what was drawn is in `sent`."""

    def __init__(self) -> None:
        ours, theirs = (uuid4(), "Acme MSP"), (uuid4(), "Birchwood IT")
        cast: list[tuple[tuple[UUID, str], str, Role]] = [
            (ours, "Ed", "engineer"),
            (ours, "Sam", "senior"),
            (ours, "Sue", "senior"),
            (ours, "Ada", "admin"),
            (ours, "Eva", "engineer"),
            (ours, "Vic", "viewer"),
            (theirs, "Tom", "engineer"),
            (theirs, "Tess", "senior"),
        ]
        self.people = [Principal(*account, uuid4(), name, role) for account, name, role in cast]
        self.accounts = [ours[0], theirs[0]]
        self.states: dict[tuple[UUID, str], View] = {}
        self.sent: list[Sent] = []
        self.dice = Random(0)

    def any_of(self, likely: Sequence[T], other: Sequence[T] = ()) -> T:
        """One of these, of the likely ones mostly."""
        return self.dice.choice(other if not likely or (other and self.dice.random() < MISFIT) else likely)

    def known(self, part: str) -> list[tuple[UUID, View]]:
        return [(account, item) for (account, _), state in self.states.items() for item in state[part]]

    def anyone(self, account: UUID) -> Principal:
        return self.any_of([who for who in self.people if who.account_id == account], self.people)

    def seniors(self, account: UUID) -> list[Principal]:
        return [who for who in self.people if who.account_id == account and who.role in ("senior", "admin")]

    def session(self) -> tuple[Principal, str, int | None]:
        """Somebody, a session, and the fencing token under which to work on it."""
        open_ones = [key for key, state in self.states.items() if (state["session"] or {}).get("status") != "closed"]
        account, session_id = self.any_of(open_ones, [*self.states, (self.accounts[0], str(uuid4()))])
        who = self.anyone(account)
        handoffs = self.states.get((account, session_id), NEW_SESSION)["handoffs"]
        tokens = [h["fencing_token"] for h in handoffs if (h["claimed_by"] or {}).get("id") == str(who.user_id)]
        return who, session_id, self.any_of(tokens or [None], [None, 0, 1, 2])

    def handoff(self, *statuses: str) -> tuple[UUID, View]:
        stranger: View = {"id": str(uuid4()), "fencing_token": 0, "claimed_by": None, "handed_off_by": {"id": ""}}
        everything = [*self.known("handoffs"), (self.accounts[0], stranger)]
        likely = [(account, h) for account, h in everything if h.get("status") in statuses]
        return self.any_of(likely, everything)

    def owned(self) -> tuple[Principal, View]:
        """Somebody, most often the owner, and the handoff with the right fencing token or another."""
        _, handoff = self.handoff("claimed")
        owner = [who for who in self.people if str(who.user_id) == (handoff["claimed_by"] or {}).get("id")]
        who = self.any_of(owner, self.people)
        token = self.any_of([handoff["fencing_token"]], [0, 1, handoff["fencing_token"] + 1])
        return who, {"handoff_id": handoff["id"], "fencing_token": token}

    def fresh_or(self, used: list[str]) -> str:
        return self.any_of([str(uuid4())], used)

    @staticmethod
    def session_of(session_id: str) -> View:
        return {"session_id": session_id, "title": "No mail", "client_name": "Harbor", "problem": "Mail is down"}

    def session_create(self) -> Sent:
        who = self.any_of(self.people[:1], self.people)
        return who, "session:create", self.session_of(self.fresh_or([key[1] for key in self.states]))

    def session_close(self) -> Sent:
        who, session_id, _ = self.session()
        payload = {"session_id": session_id, "resolution": "Restarted", "force": self.dice.random() < 0.5}
        return who, "session:close", payload

    def message_post(self) -> Sent:
        who, session_id, token = self.session()
        used = [item["id"] for _, item in self.known("messages")]
        payload = {
            "session_id": session_id,
            "message_id": self.fresh_or(used),
            "kind": self.dice.choice(["note", "assistant", "client", "system"]),
            "body": self.dice.choice(["The queue is stuck.", "Rebooted, did not help.", "żółć 🙂 \u2028"]),
            "fencing_token": token,
            "ask": self.dice.random() < 0.2,
        }
        return who, "message:post", payload

    def task_add(self) -> Sent:
        who, session_id, token = self.session()
        task_id = self.fresh_or([item["id"] for _, item in self.known("tasks")])
        payload = {"session_id": session_id, "task_id": task_id, "title": "Check MX", "fencing_token": token}
        return who, "task:add", payload

    def task_update(self) -> Sent:
        who, session_id, token = self.session()
        stranger = (self.accounts[0], {"id": str(uuid4()), "session_id": session_id, "version": 1})
        _, task = self.any_of(self.known("tasks"), [stranger])
        payload = {
            "session_id": self.any_of([task["session_id"]], [session_id]),
            "task_id": task["id"],
            "version": self.any_of([task["version"]], [1, 2]),
            "state": self.dice.choice(["doing", "done", "failed", "skipped", "todo"]),
            "result": self.dice.choice([None, "No change", "Works now"]),
            "fencing_token": token,
        }
        return who, "task:update", payload

    def handoff_create(self) -> Sent:
        who, session_id, _ = self.session()
        engineers = [one for one in self.people if one.account_id == who.account_id and one.role == "engineer"]
        who = self.dice.choice([*engineers, who, who])
        payload = {
            "handoff_id": self.fresh_or([item["id"] for _, item in self.known("handoffs")]),
            "session_id": session_id,
            "severity": self.dice.choice(["low", "normal", "high", "critical"]),
            "reason": self.dice.choice(["skill", "vendor"]),
            "ask": "Look at the connector",
            "note": self.dice.choice([None, "Do not reboot it"]),
        }
        return who, "handoff:create", payload

    def handoff_claim(self) -> Sent:
        account, handoff = self.handoff("queued")
        used = [payload["claim_id"] for _, name, payload in self.sent if name == "handoff:claim"]
        who = self.any_of(self.seniors(account), self.people)
        return who, "handoff:claim", {"handoff_id": handoff["id"], "claim_id": self.fresh_or(used)}

    def handoff_release(self) -> Sent:
        who, handoff = self.owned()
        return who, "handoff:release", {**handoff, "note": "Needs someone for Exchange"}

    def handoff_reassign(self) -> Sent:
        who, handoff = self.owned()
        originators = {h["handed_off_by"]["id"] for _, h in self.known("handoffs") if h["id"] == handoff["handoff_id"]}
        originator = [one for one in self.people if str(one.user_id) in originators]
        to = self.dice.choice([*self.seniors(who.account_id), *originator, self.dice.choice(self.people)])
        return who, "handoff:reassign", {**handoff, "to_user_id": str(to.user_id), "note": "Yours"}

    def handoff_resolve(self) -> Sent:
        who, handoff = self.owned()
        outcome = self.dice.choice(["fixed_by_senior", "vendor"])
        return who, "handoff:resolve", {**handoff, "outcome": outcome, "note": "Connector restarted"}

    def handoff_withdraw(self) -> Sent:
        _, handoff = self.handoff("queued")
        originator = [who for who in self.people if str(who.user_id) == handoff["handed_off_by"]["id"]]
        who = self.any_of(originator, self.people)
        return who, "handoff:withdraw", {"handoff_id": handoff["id"], "reason": "solved_self"}

    def handoff_start(self) -> Sent:
        who, handoff = self.owned()
        return who, "handoff:start", {**handoff, "mode": self.dice.choice(["own_thing", "continue", "ai_analysis"])}

    def handoff_tag(self) -> Sent:
        account, handoff = self.handoff("queued", "claimed")
        tags = self.dice.sample(["skill:mail", "skill:network", "client:Harbor"], self.dice.randint(0, 2))
        change = {"version": handoff.get("version", 1), "tags": tags}
        return self.anyone(account), "handoff:tag", {"handoff_id": handoff["id"], **change}

    def some(self) -> Sent:
        sent = self.dice.choice(WRITES)(self)
        self.sent.append(sent)
        return sent

    def statuses(self) -> set[str]:
        return {handoff["status"] for _, handoff in self.known("handoffs")}

    def fitting(self) -> Sent:
        """What takes a handoff further."""
        statuses = self.statuses()
        if all(state["session"]["status"] == "closed" for state in self.states.values() if state["session"]):
            moves: list[Draw] = [Imagined.session_create]
        elif "claimed" in statuses:
            moves = AS_OWNER
        else:
            moves = TO_CLAIM if "queued" in statuses else [Imagined.handoff_create]
        sent = self.any_of(moves, WRITES)(self)
        self.sent.append(sent)
        return sent


Draw = Callable[[Imagined], Sent]

TO_CLAIM: list[Draw] = [
    Imagined.handoff_claim,
    Imagined.handoff_claim,
    Imagined.handoff_claim,
    Imagined.task_add,
    Imagined.handoff_withdraw,
]
AS_OWNER: list[Draw] = [
    Imagined.handoff_start,
    Imagined.handoff_reassign,
    Imagined.handoff_release,
    Imagined.message_post,
    Imagined.task_add,
    Imagined.task_update,
    Imagined.handoff_create,
    Imagined.handoff_claim,
    Imagined.handoff_resolve,
]
WRITES: list[Draw] = [
    *AS_OWNER,
    Imagined.handoff_withdraw,
    Imagined.handoff_tag,
    Imagined.session_create,
    Imagined.session_close,
]
