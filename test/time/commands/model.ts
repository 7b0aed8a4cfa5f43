/**
 * What a town is, as far as those who asked something of it can know. `founding`: somebody asked for it and has
 * no answer yet, or lost it; the owner's list will say what became of it.
 */
export type TownState = "unborn" | "founding" | "open" | "closing" | "gone";

export interface TownModel {
  readonly id: string;
  state: TownState;
  /** Whether it has a rig to sling beads to. */
  hasRig: boolean;
  /** How many beads it took. */
  beads: number;
  /** Ids of the messages that it took. */
  readonly messages: string[];
  /** The highest that were seen; neither ever goes back. */
  life: number;
  fence: number;
  /** Every agent that was ever on its roster, with the charter that its room was founded with. */
  readonly agents: Map<string, string>;
  /** What its tombstone says, once it has one. */
  receipt: unknown;
}

/** All that the commands know; the rooms are asked only whether it is true. */
export interface Model {
  /** The first was never founded. */
  readonly towns: TownModel[];
  isLedgerUp: boolean;
  /** For names that are given once. */
  serial: number;
}

export const newTown = (id: string, state: TownState): TownModel => ({
  id,
  state,
  hasRig: false,
  beads: 0,
  messages: [],
  life: 0,
  fence: 0,
  agents: new Map(),
  receipt: null,
});

/** A town's id that was never minted. */
export const NOWHERE = "taaaaaaaaaaaaaaaaaaaa";

/** What its owner's room knows of a town: nothing of one that was ended before it was founded. */
export const asOwned = ({ id, state }: TownModel): TownState => (id === NOWHERE ? "unborn" : state);

export const newModel = (): Model => ({ towns: [newTown(NOWHERE, "unborn")], isLedgerUp: true, serial: 0 });

/** Somebody asked for its end: from here on there is no way back. */
export const close = (town: TownModel): void => {
  if (town.state === "open" || town.state === "founding") town.state = "closing";
};

/** Whether a request may be answered so, by the state that its town had before. */
export const mayAnswer = (state: TownState, status: number): boolean => {
  const isTaken = status < 300;
  switch (state) {
    case "unborn":
      return status === 404;
    case "founding":
      return isTaken || [404, 410, 503].includes(status);
    case "open":
      return isTaken;
    case "closing":
    case "gone":
      return status === 410;
  }
};

/** With what a socket to the town is closed; `null`: it stays open. */
export const mayClose = (state: TownState, code: number | null): boolean => {
  switch (state) {
    case "unborn":
      return code === 4404;
    case "founding":
      return code === null || [4404, 4410, 4503].includes(code);
    case "open":
      return code === null;
    case "closing":
    case "gone":
      return code === 4410;
  }
};
