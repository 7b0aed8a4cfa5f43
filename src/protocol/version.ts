/**
 * The version of every message on a wire: browser sockets, container sockets, container commands.
 *
 * History
 * - 1 (2026-11): the first.
 * - 2 (2026-11): rigs say whether their branch is the default, checks what a repository lacks, results which
 *   branch they are for; no agent is a refinery; a rig's address may be `~/path` or `host/path`.
 *
 * A test hashes the schemas of this folder; when it fails, raise this number and add a line above.
 */
export const PROTOCOL_VERSION = 2;
