import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";
import forms from "../session/Form.module.css";
import { bearerOf } from "./bearer";
import { offered, remember } from "./credentials";
import { useWords } from "./words";

/** A token of somebody else was handed over: they go on as that person only if they say so. */
export function OtherPerson({ now, other }: { now: string | null; other: string }) {
  const { say } = useWords();
  const { name } = bearerOf(other);
  const mine = now === null ? "" : bearerOf(now).name;
  const stay = () => offered.set(null);
  const goOn = () => {
    remember({ token: other });
    location.reload();
  };
  return (
    <Dialog title={`${say.shell.goOnAs(name)}?`} onClose={stay}>
      <div className={forms["form"]}>
        <p className={forms["intro"]}>{say.shell.goOnAsText(mine, name)}</p>
        <div className={forms["acts"]}>
          <Button type="button" variant="default" onClick={stay}>
            {say.shell.stayAs(mine)}
          </Button>
          <Button type="button" color="blue.9" onClick={goOn}>
            {say.shell.goOnAs(name)}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
