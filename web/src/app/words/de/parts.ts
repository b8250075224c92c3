import type { Phrases } from "../en";

function lasting(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1_000));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min} Min.`;
  const h = Math.floor(min / 60);
  if (h < 24) return `${h} Std. ${min % 60} Min.`;
  const d = Math.floor(h / 24);
  return d === 1 ? `1 Tag ${h % 24} Std.` : `${d} Tage ${h % 24} Std.`;
}

export const parts: Phrases["parts"] = {
  severity: { critical: "Kritisch", high: "Hoch", normal: "Normal", low: "Niedrig" },
  reason: {
    no_access: "Kein Zugang",
    skill: "Übersteigt meine Erfahrung",
    out_of_ideas: "Keine Ideen mehr",
    time_box: "Zeit ist aufgebraucht",
    approval: "Braucht eine Freigabe",
    risk: "Allein zu riskant",
    vendor: "Der Hersteller wird gebraucht",
    client_request: "Der Kunde hat darum gebeten",
  },
  outcome: {
    fixed_by_senior: "Vom Senior gelöst",
    guided_engineer: "Techniker angeleitet",
    returned_needs_info: "Zurück: es fehlt noch etwas",
    escalated_further: "Weiter eskaliert",
    vendor: "Beim Hersteller",
    client_action: "Beim Kunden",
    workaround: "Umgehung",
    no_fault_found: "Kein Fehler gefunden",
    duplicate: "Doppelt",
  },
  lasting,
  away: (name) => `${name} (abwesend)`,
  here: (names) => `Hier: ${names}`,
  presenceStale: "vielleicht nicht aktuell",
  close: "Schließen",
};
