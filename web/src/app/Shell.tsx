import { type ReactNode, useEffect } from "react";
import { useMantineColorScheme } from "@mantine/core";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { HandoffWatch } from "../handoff/HandoffWatch";
import { Dashboard } from "../pages/Dashboard";
import { QueueWatch } from "../queue/QueueWatch";
import { useServerClock } from "./clock";
import { KeptWatch } from "./KeptWatch";
import { useHeld, useHello, useLight } from "./live";
import { fetchTheRest } from "./later";
import { HandoffPage, MetricsPage, SessionPage, Sessions } from "./pages";
import { useWords } from "./words";
import classes from "./Shell.module.css";

export function Shell({ onSignOut }: { onSignOut: () => void }) {
  const { say } = useWords();
  const light = useLight();
  useServerClock();
  const isLive = light.kind === "live";
  useEffect(() => (isLive ? fetchTheRest() : undefined), [isLive]);
  useEffect(() => {
    if (light.kind === "refused" && light.code !== "unavailable") onSignOut();
  }, [light, onSignOut]);
  return (
    <div className={classes["shell"]}>
      <a className={classes["skip"]} href="#main" onClick={toMain}>
        {say.shell.skip}
      </a>
      <header className={classes["head"]}>
        <Link href="/" className={classes["brand"] ?? ""}>
          ResolutionFlow
        </Link>
        <nav className={classes["nav"]}>
          <Tab href="/">{say.shell.queue}</Tab>
          <Tab href="/sessions">{say.shell.sessions}</Tab>
          <Tab href="/metrics">{say.shell.metrics}</Tab>
        </nav>
        <LiveLight />
        <Person onSignOut={onSignOut} />
      </header>
      <main id="main" tabIndex={-1} className={classes["main"]}>
        <KeptWatch />
        <HandoffWatch />
        <QueueWatch />
        <Switch>
          <Route path="/">
            <Dashboard />
          </Route>
          <Route path="/sessions">
            <Sessions />
          </Route>
          <Route path="/sessions/:id">{({ id }) => <SessionPage key={id} id={id} />}</Route>
          <Route path="/handoffs/:id">{({ id }) => <HandoffPage key={id} id={id} />}</Route>
          <Route path="/metrics">
            <MetricsPage />
          </Route>
          <Route>
            <Redirect to="/" />
          </Route>
        </Switch>
      </main>
    </div>
  );
}

/** The address is the router's: a jump to the content must not change it. */
function toMain(event: { preventDefault: () => void }) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function Tab({ href, children }: { href: string; children: ReactNode }) {
  const [path] = useLocation();
  const isHere = href === "/" ? path === "/" || path.startsWith("/handoffs") : path.startsWith(href);
  return (
    <Link href={href} className={classes["tab"] ?? ""} aria-current={isHere ? "page" : undefined}>
      {children}
    </Link>
  );
}

/** Says what is true now: whether what is shown is what the server has, and what has not been sent yet. */
function LiveLight() {
  const { say, locale } = useWords();
  const light = useLight();
  const held = useHeld().length;
  const text = {
    connecting: () => say.shell.connecting,
    catching_up: () => say.shell.catchingUp,
    live: () => say.shell.live(light.kind === "live" ? light.latency : null),
    offline: () => {
      const since = light.kind === "offline" ? new Date(light.since) : new Date();
      return say.shell.offline(since.toLocaleTimeString(locale));
    },
    refused: () => say.shell.refused,
  }[light.kind]();
  return (
    <div className={classes["light"]} data-light={light.kind} role="status">
      <span className={classes["dot"]} aria-hidden="true" />
      <span>{text}</span>
      {held > 0 && <span className={classes["held"]}>{say.shell.held(held)}</span>}
    </div>
  );
}

function Person({ onSignOut }: { onSignOut: () => void }) {
  const { say, language, choose } = useWords();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const hello = useHello();
  const isDark = document.documentElement.dataset["mantineColorScheme"] === "dark" || colorScheme === "dark";
  return (
    <div className={classes["person"]}>
      <span className={classes["name"]}>{hello?.user.name}</span>
      <button type="button" className={classes["quiet"]} onClick={() => setColorScheme(isDark ? "light" : "dark")}>
        {isDark ? say.shell.light : say.shell.dark}
      </button>
      <button type="button" className={classes["quiet"]} onClick={() => choose(language === "en" ? "de" : "en")}>
        {say.shell.language}
      </button>
      <button type="button" className={classes["quiet"]} onClick={onSignOut}>
        {say.shell.signOut}
      </button>
    </div>
  );
}
