import { useWords } from "../app/words";
import type { Share } from "../realtime/wire";
import { Figure } from "./Figure";
import classes from "./People.module.css";

const PARTS = ["handed_off", "claimed", "returned", "resolved"] as const;

/** With how many handoffs each person did what; the server tells it to admins alone. */
export function People({ people }: { people: readonly Share[] }) {
  const { say } = useWords();
  const titles = [say.metrics.handedOff, say.metrics.claimed, say.metrics.putBack, say.metrics.resolved];
  return (
    <section aria-labelledby="people">
      <h2 id="people">{say.metrics.people}</h2>
      <div className={classes["scroll"]}>
        <table className={classes["table"]}>
          <thead>
            <tr>
              <th scope="col">{say.metrics.person}</th>
              {titles.map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {people.map((share) => (
              <tr key={share.user.id}>
                <th scope="row">{share.user.name}</th>
                {PARTS.map((part) => (
                  <td key={part}>
                    <Figure count={share[part]} of={{ figure: `people.${part}`, user_id: share.user.id }} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
