import { type Lists, type TownView, withMore } from "./reduce-town.ts";
import type { Room } from "./room.ts";

/** Puts what was read of a town's lists beside what its frames told: from then on frames keep it up to date. */
export const addTo = ({ store }: Room<TownView>, more: Partial<Lists>): void => {
  const { data } = store.getState();
  if (data !== null) store.setState({ data: withMore(data, more) });
};
