/**
 * The version of every message on a wire: browser sockets, container sockets, container commands.
 *
 * History
 * - 1 (2026-11): the first.
 * - 2 (2026-11): rigs say whether their branch is the default, checks what a repository lacks, results which
 *   branch they are for; no agent is a refinery; a rig's address may be `~/path` or `host/path`; what a receipt
 *   doesn't know yet is `null`; first frames hold what is shown, and the cursor of what came before; beads in
 *   frames have no body; a delta tells of the town itself only where that changed, which counts beads and agents
 *   by status.
 *
 * A test hashes the schemas of this folder; when it fails, raise this number, add a line above, and raise
 * {@link OLDEST_SPOKEN} where what an older peer sends is no longer understood, or the other way round.
 */
export const PROTOCOL_VERSION = 2;

/**
 * The oldest version that is still spoken, by kind of peer. A container was started before the Worker was
 * deployed and has work that nobody wants to lose: it ends its runs, and is then replaced. A page is loaded
 * anew in a moment, so it must be of this version.
 */
export const OLDEST_SPOKEN = { container: 1, page: PROTOCOL_VERSION } as const;

/**
 * Whether a peer of that version is understood, and understands. Nobody knows the words of a later one.
 *
 * @example isSpoken("container", 4, { oldest: 5, present: 7 }) === false
 */
export const isSpoken = (
  peer: keyof typeof OLDEST_SPOKEN,
  version: number,
  versions: { readonly oldest: number; readonly present: number } = {
    oldest: OLDEST_SPOKEN[peer],
    present: PROTOCOL_VERSION,
  },
): boolean => version >= versions.oldest && version <= versions.present;
