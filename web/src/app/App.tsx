import { MantineProvider } from "@mantine/core";
import { useEffect, useState } from "react";
import { Router } from "wouter";
import { Connection } from "../realtime/connection";
import { useAddress } from "./address";
import { base, type Credentials, forget, offered, remembered, remember } from "./credentials";
import { Live, useStore } from "./live";
import { OtherPerson, SignIn } from "./pages";
import { Shell } from "./Shell";
import { Toasts } from "./toasts";
import { Words } from "./words";

/** All styles are in files: the page's policy admits none in the document, so Mantine must not write any into it. */
export function App() {
  return (
    <MantineProvider defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <Words>
        <Router hook={useAddress}>
          <SignedIn />
          <Offered />
        </Router>
        <Toasts />
      </Words>
    </MantineProvider>
  );
}

function SignedIn() {
  const [credentials, setCredentials] = useState<Credentials | null>(remembered);
  if (credentials === null) {
    return (
      <SignIn
        onSignedIn={(found) => {
          remember(found);
          setCredentials(found);
        }}
      />
    );
  }
  const signOut = () => {
    forget();
    offered.set(null);
    setCredentials(null);
  };
  return <Connected key={credentials.token} token={credentials.token} onSignOut={signOut} />;
}

function Offered() {
  const token = useStore(offered);
  const now = remembered();
  return token === null ? null : <OtherPerson now={now?.token ?? null} other={token} />;
}

function Connected({ token, onSignOut }: { token: string; onSignOut: () => void }) {
  const [connection] = useState(() => new Connection({ base: base(), token: () => remembered()?.token ?? token }));
  useEffect(() => {
    connection.open();
    return () => connection.close();
  }, [connection]);
  return (
    <Live connection={connection}>
      <Shell onSignOut={onSignOut} />
    </Live>
  );
}
