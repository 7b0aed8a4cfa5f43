import type { Page, PageQuery } from "../../src/protocol/page.ts";

/** Reads a list from its newest row to its oldest, so many rows at a time. */
export const allPages = <Item>(read: (query: PageQuery) => Page<Item>, limit = 7): Item[] => {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Item> = read({ limit, cursor, status: null });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return items;
};
