"""Every SQL statement of the store, as PostgreSQL takes it on the migrated schema."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any, TypeAlias

import asyncpg

import store
from store import demo
from store.db import Database

Sql: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

STATEMENT = re.compile(r"\s*(WITH|SELECT|INSERT|UPDATE|DELETE)\b")
TEMPLATES = {"store.demo.MOVE": [{"table": table, "column": column} for table, column in demo.COLUMNS]}
"""Statements with a place for a table of the store's own, and what is put there."""

BEFORE_THE_ACCOUNT_IS_KNOWN = {
    "store.accounts.DISABLE": ["users"],
    "store.events.TRIM": ["events"],
    "store.timers.DUE": ["handoffs"],
    "store.metrics.WAITING": ["handoffs"],
    "store.jobs.DUE": ["webhook_messages", "handoffs", "asks"],
    "store.watch.LOOK": ["webhook_messages", "handoffs", "handoffs", "asks"],
}
"""Finds somebody by an e-mail address, which is unique across accounts; forgets what is old, finds what is due and
counts what waits, whoever's it is."""


def modules() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(store.__path__):
        if not module.ispkg and module.name != "migrations":
            yield importlib.import_module(f"store.{module.name}")


def statements_of(module: ModuleType) -> dict[str, list[str]]:
    """The module's constants that are statements, or hold statements, by name."""
    found: dict[str, list[str]] = {}
    for name, value in vars(module).items():
        texts = value.values() if isinstance(value, dict) else [value]
        held = [text for text in texts if isinstance(text, str) and STATEMENT.match(text)]
        if name.isupper() and held:
            fills = TEMPLATES.get(f"{module.__name__}.{name}")
            found[name] = [text.format(**fill) for text in held for fill in fills] if fills else held
    return found


def statements() -> dict[str, list[str]]:
    return {f"{module.__name__}.{name}": texts for module in modules() for name, texts in statements_of(module).items()}


def test_every_module_that_asks_the_database_has_its_statements_as_constants() -> None:
    """[H1] Nothing is run but them: what `row`, `rows` and `decide` are given is one of them, or comes in as `sql`."""
    asking = [module for module in modules() if getattr(module, "Database", Database) is Database]
    asking = [module for module in asking if hasattr(module, "Database") and module.__name__ != Database.__module__]
    assert len(asking) > 5
    for module in asking:
        known = statements_of(module)
        assert known, f"{module.__name__} has no statement"
        for call in ast.walk(ast.parse(inspect.getsource(module))):
            match call:
                case ast.Call(func=ast.Attribute(value=ast.Name("db"), attr="row" | "rows" | "decide"), args=[sql, *_]):
                    names = {part.id for part in ast.walk(sql) if isinstance(part, ast.Name)}
                    assert names & {*known, "sql"}, f"{module.__name__}: {ast.unparse(call)}"


async def test_every_statement_can_be_prepared(sql: Sql) -> None:
    """[R3] On the schema that the migrations make."""
    refused = {}
    for name, texts in statements().items():
        for text in texts:
            try:
                await sql.prepare(text)
            except asyncpg.PostgresError as error:
                refused[name] = str(error)
    assert refused == {}


async def test_every_statement_looks_for_rows_within_an_account(sql: Sql) -> None:
    """[A6] Each table of tenants that its plan reads is bound by account_id; so is what the schema's functions read."""
    tables = {row["table_name"] for row in await sql.fetch(TENANT_TABLES)}
    assert {"users", "sessions", "messages", "tasks", "handoffs", "claims", "rooms", "events"} <= tables
    await sql.execute("SET plan_cache_mode = force_generic_plan")
    asked = statements() | {row["name"]: [body_of(row)] for row in await sql.fetch(FUNCTIONS)}
    assert "session_snapshot" in asked
    unbound = {}
    for name, texts in asked.items():
        for text in texts:
            if loose := [relation for relation in unbound_scans(await plan_of(sql, text)) if relation in tables]:
                unbound[name] = loose
    assert unbound == BEFORE_THE_ACCOUNT_IS_KNOWN


TENANT_TABLES = """
SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'account_id'
"""
FUNCTIONS = """
SELECT proname AS name, proargnames AS names, prosrc AS body,
       string_to_array(oidvectortypes(proargtypes), ', ') AS types
FROM pg_proc JOIN pg_language l ON l.oid = prolang
WHERE pronamespace = 'public'::regnamespace AND l.lanname = 'sql' AND prosrc <> ''
"""


def body_of(function: asyncpg.Record) -> str:
    """The function's body as a statement of its parameters."""
    body: str = function["body"]
    for number, (name, kind) in enumerate(zip(function["names"], function["types"], strict=False), 1):
        body = re.sub(rf"\b{name}\b", f"${number}::{kind}", body)
    return body


async def plan_of(sql: Sql, statement: str) -> dict[str, Any]:
    """The plan for parameters unknown."""
    parameters = len((await sql.prepare(statement)).get_parameters())
    await sql.execute(f"PREPARE asked AS {statement}")
    arguments = f"({', '.join(['NULL'] * parameters)})" if parameters else ""
    plan = json.loads(await sql.fetchval(f"EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) EXECUTE asked{arguments}"))
    await sql.execute("DEALLOCATE asked")
    root: dict[str, Any] = plan[0]["Plan"]
    return root


def unbound_scans(plan: dict[str, Any]) -> list[str]:
    """The relations read under an alias whose account_id is in no condition.

    A subplan that was turned into a hash table has no condition of its own: the columns it is looked up by are its
    output.
    """
    nodes = list(walk(plan))
    conditions = " ".join(
        str(value)
        for node in nodes
        for key, value in node.items()
        if key.endswith(("Cond", "Filter")) or (key == "Output" and node.get("Parent Relationship") == "SubPlan")
    )
    return [
        node["Relation Name"]
        for node in nodes
        if "Relation Name" in node
        and node["Node Type"] != "ModifyTable"
        and not re.search(rf"\b{node['Alias']}\.account_id\b", conditions)
    ]


def walk(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from walk(child)
