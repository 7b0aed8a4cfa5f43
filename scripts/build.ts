// `npm run build`: the page, into dist/client, where the Worker serves it from.
import { Failure } from "./start/failure.ts";
import { buildPage } from "./start/page.ts";

try {
  await buildPage();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
