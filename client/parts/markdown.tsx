import { Lexer, type MarkedToken, type Token } from "marked";
import { memo, type ReactNode } from "react";
import remend from "remend";
import { placed } from "./placed.ts";

interface MarkdownProps {
  readonly text: string;
  /** Still being written: what is open at the end is closed, so that it doesn't flicker. */
  readonly streaming?: boolean;
}

/** Markdown as React elements. HTML in it is shown as the text it is; there is no other way in. */
export const Markdown = ({ text, streaming = false }: MarkdownProps) => (
  <div className="markdown">
    {placed(Lexer.lex(streaming ? remend(text, { linkMode: "text-only" }) : text), (token) => (
      <Block token={token} />
    ))}
  </div>
);

/** Blocks that are done are not made again while the next one streams in. */
const Block = memo(
  ({ token }: { readonly token: Token }) => element(token as MarkedToken),
  (before, after) => before.token.raw === after.token.raw && before.token.type === after.token.type,
);

const children = (tokens: readonly Token[] | undefined): ReactNode =>
  tokens && placed(tokens, (token) => element(token as MarkedToken));

const HEADINGS = ["h3", "h4", "h5", "h6", "h6", "h6"] as const;

const element = (token: MarkedToken): ReactNode => {
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "heading": {
      const Heading = HEADINGS[token.depth - 1] ?? "h6";
      return <Heading>{children(token.tokens)}</Heading>;
    }
    case "paragraph":
      return <p>{children(token.tokens)}</p>;
    case "code":
      return (
        <pre tabIndex={0}>
          <code>{token.text}</code>
        </pre>
      );
    case "blockquote":
      return <blockquote>{children(token.tokens)}</blockquote>;
    case "list": {
      const items = placed(token.items, (item) => <li>{children(item.tokens)}</li>);
      return token.ordered ? <ol start={Number(token.start)}>{items}</ol> : <ul>{items}</ul>;
    }
    case "list_item":
      return children(token.tokens);
    case "checkbox":
      return token.checked ? "☑ " : "☐ ";
    case "table":
      return (
        <table>
          <thead>
            <tr>
              {placed(token.header, (cell) => (
                <th>{children(cell.tokens)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {placed(token.rows, (row) => (
              <tr>
                {placed(row, (cell) => (
                  <td>{children(cell.tokens)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      );
    case "hr":
      return <hr />;
    case "br":
      return <br />;
    case "strong":
      return <strong>{children(token.tokens)}</strong>;
    case "em":
      return <em>{children(token.tokens)}</em>;
    case "del":
      return <del>{children(token.tokens)}</del>;
    case "codespan":
      return <code>{token.text}</code>;
    case "link":
      return <OutwardLink href={token.href}>{children(token.tokens)}</OutwardLink>;
    case "image":
      // An image would tell its host who reads; its text and address will do.
      return <OutwardLink href={token.href}>{token.text || token.href}</OutwardLink>;
    case "escape":
      return token.text;
    case "text":
      return token.tokens ? children(token.tokens) : unescape(token.text);
    case "html":
      return token.text;
  }
};

const SCHEMES: ReadonlySet<string> = new Set(["https:", "http:", "mailto:"]);

const OutwardLink = ({ href, children: inside }: { readonly href: string; readonly children: ReactNode }) => {
  // No base: a relative address would be one of this server.
  const url = URL.parse(href);
  if (url === null || !SCHEMES.has(url.protocol)) return inside;
  return (
    <a href={url.href} target="_blank" rel="noopener noreferrer">
      {inside}
    </a>
  );
};

const CHARACTERS: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  "#39": "'",
};

/** The few references that models write; marked leaves them for an HTML parser. */
const unescape = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot|apos|nbsp|#39);/g, (whole, name: string) => CHARACTERS[name] ?? whole);
