/** A connection to one room that comes back by itself. */
export interface Line {
  /** Only between `opened` and `lost`. */
  send(text: string): void;
  close(): void;
}

/** What a {@link Line} tells; `lost` and `opened` alternate, `ended` is the last call. */
export interface LineHandlers {
  opened(): void;
  received(text: string): void;
  lost(): void;
  /** The room closed with a final code; the line stays closed. */
  ended(code: number): void;
}

/** Connects to `path` below the Worker's address. */
export type Dial = (path: string, handlers: LineHandlers) => Line;
