import { useWords } from "../app/words";
import { LEVELS } from "../parts/Severity";
import { type Filters, isFiltering, type Shown } from "./filters";
import classes from "./FilterBar.module.css";

interface Props {
  filters: Filters;
  all: Shown["all"];
  change: (change: Record<string, string | null>) => void;
}

export function FilterBar({ filters, all, change }: Props) {
  const { say } = useWords();
  const toggled = (level: (typeof LEVELS)[number]) =>
    LEVELS.filter((one) => filters.severities.includes(one) !== (one === level)).join(",");
  const tags = filters.tag === "" || all.tags.includes(filters.tag) ? all.tags : [...all.tags, filters.tag];
  return (
    <div className={classes["bar"]} role="search" aria-label={say.queue.filters}>
      <div className={classes["levels"]} role="group" aria-label={say.queue.severity}>
        {LEVELS.map((level) => (
          <button
            key={level}
            type="button"
            className={classes["level"]}
            data-level={level}
            aria-pressed={filters.severities.includes(level)}
            onClick={() => change({ severity: toggled(level) })}
          >
            {say.parts.severity[level]} <b>{all.bySeverity[level]}</b>
          </button>
        ))}
      </div>
      <input
        type="search"
        className={classes["text"]}
        aria-label={say.queue.client}
        placeholder={say.queue.clientHint}
        value={filters.text}
        onChange={(event) => change({ client: event.currentTarget.value })}
      />
      {tags.length > 0 && (
        <select
          className={classes["tag"]}
          aria-label={say.queue.tag}
          value={filters.tag}
          onChange={(event) => change({ tag: event.currentTarget.value })}
        >
          <option value="">{say.queue.anyTag}</option>
          {tags.map((tag) => (
            <option key={tag} value={tag}>
              {tag}
            </option>
          ))}
        </select>
      )}
      <label className={classes["only"]}>
        <input
          type="checkbox"
          checked={filters.onlyWaiting}
          onChange={(event) => change({ waiting: event.currentTarget.checked ? "1" : null })}
        />
        {say.queue.onlyWaiting}
      </label>
      {isFiltering(filters) && (
        <button
          type="button"
          className={classes["clear"]}
          onClick={() => change({ severity: null, tag: null, client: null, waiting: null })}
        >
          {say.queue.clear}
        </button>
      )}
    </div>
  );
}
