import { type ReactNode, useEffect, useRef, useState } from "react";

/** Pixels from the end that still count as being there. */
const NEAR_END = 48;

const toEnd = (box: HTMLElement | null) => box?.scrollTo({ top: box.scrollHeight });

interface FollowProps {
  readonly className?: string;
  readonly label: string;
  /** What it holds is being written: readers are told when it is done, not at each word. */
  readonly busy: boolean;
  readonly children: ReactNode;
}

/** A log that stays at its end while it grows, until the person scrolls up. */
export const Follow = ({ className = "", label, busy, children }: FollowProps) => {
  const box = useRef<HTMLDivElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const lastTop = useRef(0);
  const [away, setAway] = useState(false);

  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (following.current) toEnd(box.current);
    });
    for (const element of [box.current, inside.current]) if (element) observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const onScroll = () => {
    const element = box.current;
    // Hidden on a small screen, it has no height and no end to be at.
    if (!element || element.clientHeight === 0) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
    const up = element.scrollTop < lastTop.current;
    lastTop.current = element.scrollTop;
    // What came after our own scroll began can leave us short of the end: only a way up is the person's.
    if (atEnd || up) following.current = atEnd;
    setAway(!following.current);
  };

  return (
    <div className={`follow ${className}`}>
      <div
        ref={box}
        className="log"
        role="log"
        aria-label={label}
        aria-busy={busy}
        tabIndex={0}
        onScroll={onScroll}
      >
        <div ref={inside} className="log-inside">
          {children}
        </div>
      </div>
      {away && (
        <button type="button" className="to-end" onClick={() => toEnd(box.current)}>
          Newest ↓
        </button>
      )}
    </div>
  );
};
