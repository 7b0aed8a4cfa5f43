const OPENING = /^ {0,3}(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/;
const CLOSING = /^ {0,3}(`{3,}|~{3,})\s*$/;

interface Open {
  readonly fence: string;
  readonly isShell: boolean;
  readonly lines: string[];
}

const closes = (line: string, { fence }: Open): boolean => {
  const mark = CLOSING.exec(line)?.[1];
  return mark !== undefined && mark[0] === fence[0] && mark.length >= fence.length;
};

/**
 * The fenced code blocks of a Markdown text whose language is `sh`, in order. As in Markdown, a block
 * that isn't closed goes on to the end.
 */
export const shellBlocks = (markdown: string): string[] => {
  const blocks: Open[] = [];
  let open: Open | null = null;
  for (const line of markdown.split(/\r?\n/)) {
    if (open) {
      if (closes(line, open)) open = null;
      else open.lines.push(line);
      continue;
    }
    const [, fence, language] = OPENING.exec(line) ?? [];
    if (fence === undefined) continue;
    open = { fence, isShell: language === "sh", lines: [] };
    blocks.push(open);
  }
  return blocks
    .filter((block) => block.isShell)
    .map((block) => block.lines.join("\n"))
    .filter((script) => script.trim() !== "");
};
