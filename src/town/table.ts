import type { SqlValue } from "../sql.ts";

/**
 * A table of the town as its feature describes it. `Row` are its columns, `Key` the column that names a
 * row, `Defaults` the columns that the schema fills by itself. Whoever writes goes through these types, so
 * a column or a status that doesn't exist is an error of the compiler.
 */
export interface Table<Row extends object, Key extends string & keyof Row, Defaults extends keyof Row> {
  readonly name: string;
  readonly key: Key;
  /**
   * What pages see of it: its `rows`, whose every change then stamps `seq` with the town's change counter and
   * is told; something in the `town`'s own view; or `nothing`.
   */
  readonly seen: "rows" | "town" | "nothing";
  /** For the compiler only. */
  readonly types?: { readonly row: Row; readonly defaults: Defaults };
}

/** Columns that a transaction fills by itself. */
type Stamp = "seq";

/** What a change of a row may name. */
export type Patch<Row> = Partial<Omit<Row, Stamp>>;

type Needed<Row, Defaults> = {
  [
    Column in keyof Row as Column extends Stamp | Defaults ? never : null extends Row[Column] ? never : Column
  ]: Row[Column];
};

/** What a new row must and may name: all that is not nullable and has no default must be there. */
export type NewRow<Row, Defaults> = Needed<Row, Defaults> & Patch<Row>;

/** Describes a table whose rows only the town reads. */
export const table =
  <Row extends object, Defaults extends keyof Row = never>(seen: "town" | "nothing" = "nothing") =>
  <Key extends string & keyof Row>(name: string, key: Key): Table<Row, Key, Defaults> => ({
    name,
    key,
    seen,
  });

/** Describes a table whose rows pages see. */
export const shownTable =
  <Row extends { readonly seq: number }, Defaults extends keyof Row = never>() =>
  <Key extends string & keyof Row>(name: string, key: Key): Table<Row, Key, Defaults> => ({
    name,
    key,
    seen: "rows",
  });

/** A row as the statement's parameters take it. */
export const columnsOf = (row: object): [names: string[], values: SqlValue[]] => {
  // A column that is named without a value is one that is not named.
  const given = Object.entries(row).filter(([, value]) => value !== undefined) as [string, SqlValue][];
  return [given.map(([name]) => name), given.map(([, value]) => value)];
};
