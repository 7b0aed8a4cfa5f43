import { useCallback, useEffect, useState } from "react";
import { Redirect, Route, Switch } from "wouter";
import { CloseCode } from "../src/protocol/close-codes.ts";
import { Refusal } from "../src/protocol/problem.ts";
import { api, type Me } from "./api.ts";
import { VIEWS } from "./views/town/side.tsx";
import { Gone } from "./pages/gone.tsx";
import { Home } from "./pages/home.tsx";
import { Closed, MessagePage, Reload, SignIn } from "./pages/message.tsx";
import { TownPage } from "./pages/town.tsx";
import { isGone, wantsReload } from "./state/link.ts";
import { userRoom } from "./state/rooms.ts";
import { useRoom, useRoomState } from "./state/use-room.ts";
import { useAction } from "./use-action.ts";

/** Asks who is there, then shows the page that the address names. */
export const App = () => {
  const [me, setMe] = useState<Me | "stranger" | "closed" | null>(null);
  const { run, error, busy } = useAction();

  const ask = useCallback(
    () =>
      run(async () => {
        try {
          setMe(await api.me());
        } catch (failure) {
          const kind = failure instanceof Refusal ? failure.problem.kind : null;
          if (kind === "who-are-you") setMe("stranger");
          else if (kind === "gone") setMe("closed");
          else throw failure;
        }
      }),
    [run],
  );
  useEffect(() => {
    void ask();
  }, [ask]);

  if (me === "stranger") return <SignIn />;
  if (me === "closed") return <Closed />;
  if (me !== null) return <Pages me={me} />;
  if (error === null) return null;
  return (
    <MessagePage title="Curfew can’t be reached">
      <p role="alert">{error}</p>
      <div className="buttons">
        <button type="button" className="primary" disabled={busy} onClick={() => void ask()}>
          Try again
        </button>
      </div>
    </MessagePage>
  );
};

/** wouter types no optional parameters. */
type TownParams = { readonly id: string; readonly view?: string; readonly item?: string };

const Pages = ({ me }: { readonly me: Me }) => {
  const user = useRoom(userRoom, me.user);
  const link = useRoomState(user, (state) => state.link);
  if (wantsReload(link)) return <Reload />;
  if (link.kind === "ended" && link.code === CloseCode.whoAreYou) return <SignIn />;
  if (isGone(link)) return <Closed />;
  return (
    <Switch>
      <Route path="/">
        <Home user={user} />
      </Route>
      <Route path="/towns/:id/gone">{({ id }) => <Gone id={id} user={user} />}</Route>
      <Route<TownParams> path="/towns/:id/:view?/:item?">
        {({ id, view = "mayor", item }) => {
          const known = VIEWS.find((name) => name === view);
          if (!known) return <Redirect to={`/towns/${id}`} replace />;
          return <TownPage key={id} id={id} view={known} item={item} me={me} user={user} />;
        }}
      </Route>
      <Route>
        <MessagePage title="There is nothing here">
          <a href="/">All towns</a>
        </MessagePage>
      </Route>
    </Switch>
  );
};
