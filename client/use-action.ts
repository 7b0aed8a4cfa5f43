import { useCallback, useEffect, useRef, useState } from "react";
import { messageOf } from "./words.ts";

export interface Action {
  /** Runs it unless it is running; resolves to whether it went well. */
  readonly run: (act: () => Promise<unknown>) => Promise<boolean>;
  readonly busy: boolean;
  /** Why the last one failed. */
  readonly error: string | null;
}

/** One thing that a person can do, with its progress and its failure. */
export const useAction = (): Action => {
  const [state, setState] = useState<{ busy: boolean; error: string | null }>({ busy: false, error: null });
  const running = useRef(false);
  const run = useCallback(async (act: () => Promise<unknown>) => {
    if (running.current) return false;
    running.current = true;
    setState({ busy: true, error: null });
    try {
      await act();
      setState({ busy: false, error: null });
      return true;
    } catch (error) {
      setState({ busy: false, error: messageOf(error) });
      return false;
    } finally {
      running.current = false;
    }
  }, []);
  return { run, ...state };
};

export type Loaded<T> =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly value: T }
  | { readonly state: "failed"; readonly reason: string };

/** Loads whenever `key` changes; keeps what it has while it loads again. */
export const useLoaded = <T>(key: string, load: (key: string) => Promise<T>): Loaded<T> => {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: "loading" });
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });
  useEffect(() => {
    let wanted = true;
    latest.current(key).then(
      (value) => wanted && setLoaded({ state: "ready", value }),
      (error: unknown) => wanted && setLoaded({ state: "failed", reason: messageOf(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [key]);
  return loaded;
};

/** The time, told again every `everyMs` while the page is visible. */
export const useNow = (everyMs: number): number => {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setNow(Date.now());
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
};
