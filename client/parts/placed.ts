import { createElement, Fragment, type ReactNode } from "react";

/** Shows items that are told apart by their place alone, because nothing is ever put between them. */
export const placed = <T>(items: readonly T[], show: (item: T) => ReactNode): ReactNode =>
  createElement(Fragment, null, ...items.map(show));
