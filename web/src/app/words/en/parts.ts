function lasting(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1_000));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 24) return `${h} h ${min % 60} min`;
  return `${Math.floor(h / 24)} d ${h % 24} h`;
}

export const parts = {
  severity: { critical: "Critical", high: "High", normal: "Normal", low: "Low" },
  reason: {
    no_access: "No access",
    skill: "Beyond my experience",
    out_of_ideas: "Out of ideas",
    time_box: "Time is used up",
    approval: "Needs an approval",
    risk: "Too risky to go on alone",
    vendor: "The vendor is needed",
    client_request: "The client asked for it",
  },
  outcome: {
    fixed_by_senior: "Fixed by the senior",
    guided_engineer: "Guided the engineer",
    returned_needs_info: "Returned: more to find out",
    escalated_further: "Escalated further",
    vendor: "With the vendor",
    client_action: "With the client",
    workaround: "Workaround",
    no_fault_found: "No fault found",
    duplicate: "Duplicate",
  },
  lasting,
  away: (name: string) => `${name} (away)`,
  here: (names: string) => `Here: ${names}`,
  presenceStale: "may be out of date",
  close: "Close",
};
