import { processesWith } from "../engine/process-table.ts";

/**
 * Kills every process but this one whose environment holds `name=value`: what an agent's shell left
 * behind may be in a process group of its own. Looks again while there are new ones, since what was
 * found may have forked before it died.
 */
export const killMarked = (name: string, value: string): void => {
  const killed = new Set([process.pid]);
  for (;;) {
    const found = processesWith(`${name}=${value}\0`).filter((pid) => !killed.has(pid));
    if (found.length === 0) return;
    for (const pid of found) {
      killed.add(pid);
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended meanwhile.
      }
    }
  }
};
