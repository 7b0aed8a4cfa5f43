import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Markdown } from "../../client/parts/markdown.tsx";

const html = (text: string, streaming = false) =>
  renderToStaticMarkup(<Markdown text={text} streaming={streaming} />);

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "<iframe src='javascript:alert(1)'></iframe>",
  "text <b onclick=alert(1)>bold</b>",
  "[link](javascript:alert(1))",
  "[link](JaVaScRiPt:alert(1))",
  "[link](&#106;avascript:alert(1))",
  "[link](java\tscript:alert(1))",
  "[link](data:text/html,<script>alert(1)</script>)",
  "[link](vbscript:alert(1))",
  "[link](//evil.example/x)",
  "[link](/api/towns)",
  "![image](javascript:alert(1))",
  "<javascript:alert(1)>",
  '[link](https://example.com/"onmouseover="alert(1))',
  "```html\n<script>alert(1)</script>\n```",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "| <script>alert(1)</script> |\n| --- |\n| <img src=x onerror=alert(1)> |",
];

describe("an agent's Markdown", () => {
  it.each(HOSTILE)("can make no element and no address of its own: %s", (text) => {
    const made = html(text);
    expect(made).not.toMatch(/<(script|img|svg|iframe|b|object|embed|style)\b/i);
    expect(made).not.toMatch(/<[a-z][^>]*\son[a-z]+=/i);
    for (const [, address] of made.matchAll(/(?:href|src)="([^"]*)"/g)) {
      expect(address).toMatch(/^(https?:\/\/|mailto:)/);
    }
  });

  it("shows HTML as the text that it is", () => {
    expect(html("a <b>c</b>")).toContain("a &lt;b&gt;c&lt;/b&gt;");
  });

  it("opens links elsewhere, without saying where from", () => {
    expect(html("[guide](https://example.com/a)")).toContain(
      '<a href="https://example.com/a" target="_blank" rel="noopener noreferrer">guide</a>',
    );
  });

  it("has the usual shapes", () => {
    expect(html("# A\n\n- **b** `c`\n- [x] d\n\n1. e\n\n> f\n\n---")).toBe(
      '<div class="markdown"><h3>A</h3><ul><li><strong>b</strong> <code>c</code></li><li>☑ d</li></ul>' +
        '<ol start="1"><li>e</li></ol><blockquote><p>f</p></blockquote><hr/></div>',
    );
  });

  it("closes what is still open while the text streams in", () => {
    expect(html("some **bold", true)).toContain("<strong>bold</strong>");
    expect(html("see [the gui", true)).toContain("see the gui");
  });

  it("reads the common character references", () => {
    expect(html("a &amp; b &lt;c&gt;")).toContain("a &amp; b &lt;c&gt;");
  });
});
