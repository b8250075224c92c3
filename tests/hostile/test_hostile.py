"""Hostile input, row by row against one server: it is refused, ended or answered, and nothing else comes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from handlers import COMMANDS
from handlers.command import ANYONE, Caller, Command, Payload
from loadtest.client import Refused
from store.models import Answer
from tests.conftest import Postgres, hand_off
from tests.hostile import (
    table_edges,
    table_engine,
    table_frames,
    table_http,
    table_json,
    table_packets,
    table_paths,
    table_payloads,
    table_polling,
    table_texts,
    table_tokens,
)
from tests.hostile.raw import Wire, acked
from tests.hostile.stage import Logs, Stage, heard, opened

TABLES = (
    table_frames,
    table_engine,
    table_packets,
    table_json,
    table_payloads,
    table_edges,
    table_texts,
    table_tokens,
    table_paths,
    table_http,
    table_polling,
)


@pytest.fixture(scope="module")
def logs() -> Iterator[Logs]:
    with heard() as all_of_it:
        yield all_of_it


@pytest.fixture(scope="module")
async def stage(postgres: Postgres, logs: Logs) -> AsyncIterator[Stage]:
    async with opened(postgres, logs) as made:
        yield made


@pytest.fixture(scope="module")
async def polling_stage(postgres: Postgres, logs: Logs) -> AsyncIterator[Stage]:
    async with opened(postgres, logs, transports=("polling", "websocket")) as made:
        yield made


@pytest.fixture(scope="module")
async def ordinary_stage(postgres: Postgres, logs: Logs) -> AsyncIterator[Stage]:
    async with opened(postgres, logs, fast_path=False) as made:
        yield made


def test_every_row_is_an_input_of_its_own() -> None:
    """[A1] None stands in the tables twice."""
    rows = [row for table in TABLES for row in table.ROWS]
    assert len(rows) >= 500
    assert len({row.id for row in rows}) == len(rows)
    assert len({row.send for row in rows}) == len(rows)


async def test_frames_that_break_the_protocol_end_the_connection(stage: Stage) -> None:
    """[T1] WebSocket frames."""
    await stage.endures(table_frames.ROWS)


async def test_handshake_and_engine_packets_that_do_not_fit_are_refused(stage: Stage) -> None:
    """[T1, T3, T7] Engine.IO, origins, and sockets that never CONNECT."""
    await stage.endures(table_engine.ROWS)


async def test_ordinary_path_refuses_and_ends_the_same(ordinary_stage: Stage) -> None:
    """[T1, T3, T4, T7, A1] Frames, handshakes and packets again, where nothing goes past the libraries."""
    await ordinary_stage.endures([*table_frames.ROWS, *table_engine.ROWS, *table_packets.ROWS])


async def test_packets_out_of_shape_or_order_end_the_connection(stage: Stage) -> None:
    """[T3, T4, A1, L1] Socket.IO."""
    await stage.endures(table_packets.ROWS)


async def test_json_beyond_the_standard_is_refused(stage: Stage) -> None:
    """[A1, A7] Both doors."""
    await stage.endures(table_json.ROWS, events=2 * len(table_json.ODD_BUT_JSON))


async def test_payload_of_another_type_or_range_is_refused(stage: Stage) -> None:
    """[A3, A7, A9] Every field of every command. Nothing is written."""
    await stage.endures(table_payloads.ROWS)


async def test_payload_at_the_edge_is_answered_by_the_rules(stage: Stage) -> None:
    """[A3, A6, R5, H2, H7] The greatest numbers, other people's things, and what is not there."""
    await stage.endures(table_edges.ROWS, events=1)


async def test_text_of_any_kind_comes_back_as_it_was_sent(stage: Stage) -> None:
    """[A8, R7] In acks, in the log, and in the snapshot; and an escalation can be made of it."""
    writes = len(table_texts.MESSAGES) + len(table_texts.FIELDS)
    writes += table_texts.EVENTS_OF_AN_ESCALATION * len(table_texts.ESCALATIONS)
    seen = await stage.endures(table_texts.ROWS, events=writes)
    texts = sorted(row.echo[1] for row in table_texts.MESSAGES if row.echo is not None)
    assert sorted(event.data["message"]["body"] for event in seen if event.type == "message:posted") == texts
    async with stage.client("engineer") as engineer:
        room = await engineer.join_session(stage.names["texts"])
        assert room.snapshot is not None
        assert sorted(message["body"] for message in room.snapshot["messages"]) == texts
        handoff = await hand_off(engineer, stage.names["texts"])
        assert handoff["summary_prose"]


async def test_token_of_any_other_form_is_refused_at_every_door(stage: Stage) -> None:
    """[T3, T4, T6, A7] CONNECT, `auth:renew` and HTTP. Nobody is provisioned by a token that is refused."""
    await stage.endures(table_tokens.ROWS, users=len(table_tokens.NAMED))


async def test_path_query_or_method_that_does_not_exist_is_a_problem(stage: Stage) -> None:
    """[A3, A7]"""
    await stage.endures(table_paths.ROWS)


async def test_http_that_does_not_fit_is_a_problem(stage: Stage) -> None:
    """[A3, A7, L1] Heads, bodies, and how they are framed."""
    await stage.endures(table_http.ROWS, events=sum(row.expect == "201" for row in table_http.ROWS))


async def test_polling_of_any_shape_is_answered_or_ended(polling_stage: Stage) -> None:
    """[T1] Long-polling where it is configured."""
    await polling_stage.endures(table_polling.ROWS)


async def test_flood_of_commands_is_answered_one_by_one(stage: Stage) -> None:
    """[A1, A4, L1] Each in its turn, the ones too many with `rate_limited`."""
    flood = [f'42{n}["me:get",{{}}]' for n in range(5_000)]
    acks: list[tuple[int | None, str]] = []
    async with stage.bystander() as bystander, Wire.opened(stage.host) as wire:
        await wire.greet(f'40{{"token":"{stage.names["engineer_token"]}"}}')
        wire.send(*flood)
        while len(acks) < len(flood):
            acks.append(acked(await wire.text()))
            if len(acks) % 100 == 0:
                bystander.turns.put_nowait(True)
    assert [number for number, _ in acks] == list(range(len(flood)))
    assert {outcome for _, outcome in acks} == {"ok", "rate_limited"}


async def test_accident_in_a_handler_is_told_once_and_to_nobody_else(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[A1, A3] One traceback, with the `error_id` that is all the client gets."""

    async def stumble(_caller: Caller, _payload: Payload) -> Answer:
        raise RuntimeError("the password is in here")

    broken = Command("test:stumble", Payload, stumble, ANYONE)
    monkeypatch.setattr(stage.server.dispatch, "_commands", {**COMMANDS, broken.name: broken})
    stage.logs.clear()
    async with stage.client("engineer") as engineer:
        with pytest.raises(Refused) as refused:
            await engineer.command(broken.name, {})
    assert refused.value.code == "internal"
    assert "password" not in refused.value.message
    [logged] = stage.logs.structured
    assert logged["exc_info"]
    assert refused.value.details == {"error_id": logged["error_id"]}
    assert len(stage.logs.complaints()) == 1
