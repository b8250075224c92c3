"""The whole client API, by hand, in one table."""

from collections.abc import Mapping
from types import MappingProxyType

from handlers import handoffs, messages, queue, sessions, tasks, users
from handlers.command import WRITERS, Command, Route

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        command.name: command
        for command in (
            Command("session:create", sessions.CreateSession, sessions.create_session, WRITERS,
                    Route("POST", "/api/sessions", 201), answers="SessionAnswer"),
            Command("session:list", sessions.ListSessions, sessions.list_sessions,
                    http=Route("GET", "/api/sessions"), answers="SessionPage"),
            Command("session:get", sessions.SessionNamed, sessions.get_session,
                    http=Route("GET", "/api/sessions/{session_id}"), answers="SessionSnapshot"),
            Command("session:join", sessions.JoinSession, sessions.join_session, answers="JoinedSession"),
            Command("session:leave", sessions.SessionNamed, sessions.leave_session, answers="Left"),
            Command("session:history", sessions.SessionHistory, sessions.session_history,
                    http=Route("GET", "/api/sessions/{session_id}/messages"), answers="MessagePage"),
            Command("session:close", sessions.CloseSession, sessions.close_session, WRITERS,
                    Route("POST", "/api/sessions/{session_id}/close"), answers="SessionAnswer"),
            Command("session:status_update", sessions.StatusUpdate, sessions.status_update,
                    http=Route("POST", "/api/sessions/{session_id}/status-update"), answers="StatusUpdateAnswer"),
            Command("typing", sessions.Typing, sessions.typing, WRITERS, answers="Empty"),
            Command("message:post", messages.PostMessage, messages.post_message, WRITERS,
                    Route("POST", "/api/sessions/{session_id}/messages", 201), answers="MessageAnswer"),
            Command("task:add", tasks.AddTask, tasks.add_task, WRITERS,
                    Route("POST", "/api/sessions/{session_id}/tasks", 201), answers="TaskAnswer"),
            Command("task:update", tasks.UpdateTask, tasks.update_task, WRITERS,
                    Route("PATCH", "/api/sessions/{session_id}/tasks/{task_id}"), answers="TaskAnswer"),
            Command("handoff:create", handoffs.CreateHandoff, handoffs.create_handoff, WRITERS,
                    Route("POST", "/api/sessions/{session_id}/handoffs", 201), answers="HandoffAnswer"),
            # Who may claim is the account's to say, and self_claim comes before it: the statement decides both.
            Command("handoff:claim", handoffs.ClaimHandoff, handoffs.claim_handoff,
                    http=Route("POST", "/api/handoffs/{handoff_id}/claim"), answers="ClaimAnswer"),
            Command("handoff:release", handoffs.ReleaseHandoff, handoffs.release_handoff, WRITERS,
                    Route("POST", "/api/handoffs/{handoff_id}/release"), answers="HandoffAnswer"),
            Command("handoff:reassign", handoffs.ReassignHandoff, handoffs.reassign_handoff, WRITERS,
                    Route("POST", "/api/handoffs/{handoff_id}/reassign"), answers="HandoffAnswer"),
            Command("handoff:resolve", handoffs.ResolveHandoff, handoffs.resolve_handoff, WRITERS,
                    Route("POST", "/api/handoffs/{handoff_id}/resolve"), answers="HandoffAnswer"),
            Command("handoff:withdraw", handoffs.WithdrawHandoff, handoffs.withdraw_handoff, WRITERS,
                    Route("POST", "/api/handoffs/{handoff_id}/withdraw"), answers="HandoffAnswer"),
            Command("handoff:start", handoffs.StartHandoff, handoffs.start_handoff, WRITERS,
                    Route("POST", "/api/handoffs/{handoff_id}/start"), answers="HandoffAnswer"),
            Command("handoff:get", handoffs.HandoffNamed, handoffs.get_handoff,
                    http=Route("GET", "/api/handoffs/{handoff_id}"), answers="HandoffScreen"),
            Command("queue:join", queue.JoinQueue, queue.join_queue, answers="JoinedQueue"),
            Command("queue:leave", queue.Nothing, queue.leave_queue, answers="Left"),
            Command("queue:get", queue.Nothing, queue.get_queue, http=Route("GET", "/api/queue"),
                    answers="QueueSnapshot"),
            Command("room:events", queue.RoomEvents, queue.room_events,
                    http=Route("GET", "/api/rooms/{kind}/{id}/events"), answers="EventPage"),
            Command("me:get", queue.Nothing, users.get_me, http=Route("GET", "/api/me"), answers="Me"),
            Command("auth:renew", users.RenewToken, users.renew_token, answers="Renewed"),
        )
    }
)  # fmt: skip
