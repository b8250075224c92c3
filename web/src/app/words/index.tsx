// What the page says, in English and German. A phrase is a text, or a function of what it tells.
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { de } from "./de";
import { en, type Phrases } from "./en";

export type Language = "en" | "de";

const LANGUAGES: Record<Language, Phrases> = { en, de };
const KEY = "resolutionflow.language";

interface Spoken {
  language: Language;
  /** For dates, times and numbers: the language as the reader's region writes it. */
  locale: string;
  say: Phrases;
  choose: (language: Language) => void;
}

const Context = createContext<Spoken | null>(null);

function preferred(): Language {
  const chosen = localStorage.getItem(KEY) ?? navigator.language;
  return chosen.startsWith("de") ? "de" : "en";
}

function regional(language: Language): string {
  return navigator.languages.find((one) => one.startsWith(language)) ?? language;
}

export function Words({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(preferred);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const spoken = useMemo<Spoken>(
    () => ({
      language,
      locale: regional(language),
      say: LANGUAGES[language],
      choose: (chosen) => {
        localStorage.setItem(KEY, chosen);
        setLanguage(chosen);
      },
    }),
    [language],
  );
  return <Context value={spoken}>{children}</Context>;
}

export function useWords(): Spoken {
  const spoken = useContext(Context);
  if (spoken === null) throw new Error("useWords outside of <Words>");
  return spoken;
}
