import type { Phrases } from "../en";

export const shell: Phrases["shell"] = {
  signIn: "Anmelden",
  signOut: "Abmelden",
  email: "E-Mail",
  password: "Passwort",
  showPassword: "Passwort zeigen",
  wrong: "E-Mail oder Passwort stimmt nicht.",
  unreachable: "Der Server ist nicht erreichbar. Bitte noch einmal versuchen.",
  queue: "Warteschlange",
  sessions: "Sitzungen",
  metrics: "Kennzahlen",
  connecting: "Verbindet …",
  catchingUp: "Holt auf …",
  live: (latency) => (latency === null ? "Live" : `Live · ${Math.round(latency)} ms`),
  offline: (since) => `Ohne Verbindung seit ${since}`,
  held: (count) => (count === 1 ? "1 Änderung wartet auf die Verbindung" : `${count} Änderungen warten auf die Verbindung`),
  refused: "Der Server lässt Sie nicht ein. Bitte neu anmelden.",
  light: "Hell",
  dark: "Dunkel",
  language: "English",
  skip: "Zum Inhalt",
};
