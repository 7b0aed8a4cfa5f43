import type { ReactNode } from "react";

/** A page with one thing to say. */
export const MessagePage = ({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}) => (
  <main id="main" className="message-page">
    <h1 className="serif">{title}</h1>
    {children}
  </main>
);

export const SignIn = () => (
  <MessagePage title="Curfew doesn’t know you yet">
    <p>
      Open the link that <code>npm start</code> printed: it begins with this page’s address and ends in a
      token.
    </p>
  </MessagePage>
);

export const Closed = () => (
  <MessagePage title="This account is closed">
    <p>
      Its towns have ended, or are ending now. It can’t come back. <a href="/api/me/receipt">How far it is</a>
    </p>
  </MessagePage>
);

export const Reload = () => (
  <MessagePage title="Curfew has changed">
    <p>The server speaks a newer language than this page.</p>
    <div className="buttons">
      <button type="button" className="primary" onClick={() => location.reload()}>
        Reload
      </button>
    </div>
  </MessagePage>
);
