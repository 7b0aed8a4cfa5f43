-- Every town that was ever founded, written before it is: what the sweep compares with the rooms.
CREATE TABLE towns (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('founding', 'open', 'closing', 'gone')),
  -- Milliseconds since the epoch.
  changed_at INTEGER NOT NULL,
  -- When the sweep last looked at it; 0: never.
  checked_at INTEGER NOT NULL DEFAULT 0,
  -- JSON, once the town is gone.
  receipt TEXT,
  -- When its tombstones were removed, 30 days after its end; till then NULL.
  forgotten_at INTEGER
) WITHOUT ROWID;

-- Suspects: in a state that should have passed by now.
CREATE INDEX towns_by_change ON towns (state, changed_at);
-- Open towns, the one that was looked at longest ago first.
CREATE INDEX towns_by_check ON towns (state, checked_at);
-- Tombstones that are still there.
CREATE INDEX towns_with_tombstones ON towns (changed_at) WHERE state = 'gone' AND forgotten_at IS NULL;
