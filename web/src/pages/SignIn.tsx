import { type SubmitEvent, useState } from "react";
import { base, type Credentials } from "../app/credentials";
import { useWords } from "../app/words";
import { Button, PasswordInput, TextInput } from "../parts/controls";
import type { SignedIn } from "../realtime/wire";
import classes from "./SignIn.module.css";

export function SignIn({ onSignedIn }: { onSignedIn: (credentials: Credentials) => void }) {
  const { say } = useWords();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    try {
      const reply = await fetch(new URL("api/auth/token", base()), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email: form.get("email"), password: form.get("password") }),
      });
      if (reply.ok) onSignedIn({ token: ((await reply.json()) as SignedIn).token });
      else setProblem(reply.status === 401 ? say.shell.wrong : say.shell.unreachable);
    } catch {
      setProblem(say.shell.unreachable);
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className={classes["page"]}>
      <form className={classes["form"]} onSubmit={(event) => void submit(event)}>
        <h1>ResolutionFlow</h1>
        <TextInput name="email" type="email" label={say.shell.email} autoComplete="username" required autoFocus />
        <PasswordInput
          name="password"
          label={say.shell.password}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ "aria-label": say.shell.showPassword }}
          required
        />
        {problem !== null && (
          <p className={classes["problem"]} role="alert">
            {problem}
          </p>
        )}
        <Button type="submit" color="blue.9" loading={busy}>
          {say.shell.signIn}
        </Button>
      </form>
    </main>
  );
}
