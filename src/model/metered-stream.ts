import type { Meter } from "./meter.ts";

/**
 * Passes `body` on, unchanged and only as fast as it is read, past the meter.
 *
 * @param end called once: at the end and before it is passed on, so that whoever has the whole answer
 *   finds it in the books; when the service breaks off; or when the reader goes away (then `cut` is
 *   called first, to spare the service the rest)
 */
export const meteredStream = (
  body: ReadableStream<Uint8Array>,
  meter: Meter,
  cut: () => void,
  end: () => Promise<void>,
): ReadableStream<Uint8Array> => {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            meter.push(value);
            controller.enqueue(value);
            return;
          }
        } catch (error) {
          await end();
          controller.error(error);
          return;
        }
        await end();
        controller.close();
      },
      cancel: async () => {
        cut();
        await end();
      },
    },
    { highWaterMark: 0 },
  );
};
