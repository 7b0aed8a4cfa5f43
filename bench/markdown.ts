const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** A table in Markdown. Columns but the first are numbers, and so go to the right. */
export const markdownTable = (columns: readonly string[], rows: readonly (readonly string[])[]): string => {
  const rule = columns.map((_, index) => (index === 0 ? "---" : "---:"));
  return [line(columns), line(rule), ...rows.map(line)].join("\n");
};

/** A number as a table shows it: whole from ten on, else with one digit more. */
export const shown = (n: number): string =>
  (n >= 10 ? Math.round(n) : Math.round(n * 10) / 10).toLocaleString("en-US");

/** US dollars; below a cent there is nothing to see. */
export const dollars = (n: number): string =>
  n > 0 && n < 0.01
    ? "< $0.01"
    : `$${n.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
