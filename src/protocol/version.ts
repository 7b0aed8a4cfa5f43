/**
 * The version of every message on a wire: browser sockets, container sockets, container commands.
 *
 * History
 * - 1 (2026-11): the first.
 *
 * A test hashes the schemas of this folder; when it fails, raise this number and add a line above.
 */
export const PROTOCOL_VERSION = 1;
