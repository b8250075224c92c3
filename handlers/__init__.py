"""The whole client API, by hand, in one table."""

from collections.abc import Mapping
from types import MappingProxyType

from handlers import (
    account_settings,
    events,
    handoffs,
    messages,
    metrics,
    metrics_views,
    presence,
    queue,
    sessions,
    tasks,
    users,
    views,
)
from handlers.command import ADMINS, WRITERS, Command, Route

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        command.name: command
        for command in (
            Command("session:create", sessions.CreateSession, sessions.create_session, WRITERS,
                    Route("POST", "/api/sessions", 201), answers=views.SessionAnswer),
            Command("session:list", sessions.ListSessions, sessions.list_sessions,
                    http=Route("GET", "/api/sessions"), answers=views.SessionPage),
            Command("session:get", sessions.SessionNamed, sessions.get_session,
                    http=Route("GET", "/api/sessions/{session_id}"), answers=views.SessionSnapshot),
            Command("session:join", sessions.JoinSession, sessions.join_session, answers=events.JoinedSession),
            Command("session:leave", sessions.SessionNamed, sessions.leave_session, answers=views.Left),
            Command("session:history", sessions.SessionHistory, sessions.session_history,
                    http=Route("GET", "/api/sessions/{session_id}/messages"), answers=views.MessagePage),
            Command("session:close", sessions.CloseSession, sessions.close_session, WRITERS,
                    Route("POST", "/api/sessions/{session_id}/close"), answers=views.SessionAnswer),
            Command("session:status_update", sessions.StatusUpdate, sessions.status_update,
                    http=Route("POST", "/api/sessions/{session_id}/status-update"), answers=views.StatusUpdateAnswer),
            Command("typing", sessions.Typing, sessions.typing, WRITERS, answers=views.Empty),
            Command("presence:set", presence.SetPresence, presence.set_presence, answers=views.Empty),
            Command("message:post", messages.PostMessage, messages.post_message, WRITERS,
                    Route("POST", "/api/sessions/{session_id}/messages", 201), answers=views.MessageAnswer),
            Command("task:add", tasks.AddTask, tasks.add_task, WRITERS,
                    Route("POST", "/api/sessions/{session_id}/tasks", 201), answers=views.TaskAnswer),
            Command("task:update", tasks.UpdateTask, tasks.update_task, WRITERS,
                    Route("PATCH", "/api/sessions/{session_id}/tasks/{task_id}"), answers=views.TaskAnswer),
            Command("handoff:create", handoffs.CreateHandoff, handoffs.create_handoff, WRITERS,
                    Route("POST", "/api/sessions/{session_id}/handoffs", 201), answers=views.HandoffAnswer),
            # Who may claim is the account's to say, and self_claim comes before it: the statement decides both.
            Command("handoff:claim", handoffs.ClaimHandoff, handoffs.claim_handoff,
                    http=Route("POST", "/api/handoffs/{handoff_id}/claim"), answers=views.ClaimAnswer),
            Command("handoff:release", handoffs.ReleaseHandoff, handoffs.release_handoff, WRITERS,
                    Route("POST", "/api/handoffs/{handoff_id}/release"), answers=views.HandoffAnswer),
            Command("handoff:reassign", handoffs.ReassignHandoff, handoffs.reassign_handoff, WRITERS,
                    Route("POST", "/api/handoffs/{handoff_id}/reassign"), answers=views.HandoffAnswer),
            Command("handoff:resolve", handoffs.ResolveHandoff, handoffs.resolve_handoff, WRITERS,
                    Route("POST", "/api/handoffs/{handoff_id}/resolve"), answers=views.HandoffAnswer),
            Command("handoff:withdraw", handoffs.WithdrawHandoff, handoffs.withdraw_handoff, WRITERS,
                    Route("POST", "/api/handoffs/{handoff_id}/withdraw"), answers=views.HandoffAnswer),
            Command("handoff:start", handoffs.StartHandoff, handoffs.start_handoff, WRITERS,
                    Route("POST", "/api/handoffs/{handoff_id}/start"), answers=views.StartAnswer),
            Command("handoff:tag", handoffs.TagHandoff, handoffs.tag_handoff, WRITERS,
                    Route("PUT", "/api/handoffs/{handoff_id}/tags"), answers=views.HandoffAnswer),
            Command("handoff:log", handoffs.ReadHandoffLog, handoffs.handoff_log,
                    http=Route("GET", "/api/handoffs/{handoff_id}/log"), answers=events.HandoffLog),
            Command("handoff:get", handoffs.HandoffNamed, handoffs.get_handoff,
                    http=Route("GET", "/api/handoffs/{handoff_id}"), answers=views.HandoffScreen),
            Command("queue:join", queue.JoinQueue, queue.join_queue, answers=events.JoinedQueue),
            Command("queue:leave", queue.Nothing, queue.leave_queue, answers=views.Left),
            Command("queue:get", queue.GetQueue, queue.get_queue, http=Route("GET", "/api/queue"),
                    answers=views.QueueSnapshot),
            Command("queue:metrics", metrics.ReadMetrics, metrics.read_metrics,
                    http=Route("GET", "/api/escalations/metrics"), answers=metrics_views.Metrics),
            Command("queue:metrics_handoffs", metrics.HandoffsBehind, metrics.handoffs_behind,
                    http=Route("GET", "/api/escalations/metrics/{figure}"), answers=metrics_views.CountedHandoffs),
            Command("room:events", queue.RoomEvents, queue.room_events,
                    http=Route("GET", "/api/rooms/{kind}/{id}/events"), answers=events.EventPage),
            Command("me:get", queue.Nothing, users.get_me, http=Route("GET", "/api/me"), answers=views.Me),
            Command("auth:renew", users.RenewToken, users.renew_token, answers=views.Renewed),
        )
    }
)  # fmt: skip

ADMINISTRATION: Mapping[str, Command] = MappingProxyType(
    {
        command.name: command
        for command in (
            Command("user:revoke", users.UserNamed, users.revoke_tokens, ADMINS,
                    Route("POST", "/api/users/{user_id}/revoke"), answers=views.Revoked),
            Command("account:get", queue.Nothing, account_settings.get_settings, ADMINS,
                    Route("GET", "/api/account"), answers=views.AccountSettingsAnswer),
            Command("account:update", account_settings.UpdateSettings, account_settings.update_settings, ADMINS,
                    Route("PATCH", "/api/account"), answers=views.AccountSettingsAnswer),
            Command("account:changes", account_settings.SettingsChanges, account_settings.settings_changes, ADMINS,
                    Route("GET", "/api/account/changes"), answers=views.AccountChanges),
        )
    }
)  # fmt: skip
"""What admins have over HTTP alone."""
