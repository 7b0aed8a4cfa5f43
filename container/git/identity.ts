import { CURFEW } from "./git-config.ts";

/** Who a commit is by. */
export interface Author {
  readonly name: string;
  readonly email: string;
}

/** An agent of a town: `polecat-3` is "Curfew polecat-3". The domain exists for nobody (RFC 2606). */
export const agentAuthor = (agent: string): Author => ({
  name: `${CURFEW.name} ${agent}`,
  email: `${agent}@curfew.invalid`,
});

/** What git reads author, committer and time of a commit from. */
export const commitEnvironment = ({ name, email }: Author, now: number): Readonly<Record<string, string>> => {
  const date = `@${Math.floor(now / 1000)} +0000`;
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
};
