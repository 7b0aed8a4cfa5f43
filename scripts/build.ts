// `npm run build`: the page, into dist/client, where the Worker serves it from, if it is not what the
// sources make.
import { Failure } from "./start/failure.ts";
import { ALL, ensureBuilt } from "./build/artefacts.ts";

try {
  await ensureBuilt(ALL, console.error);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
