/** Waits for something that nobody announces; the test's own time limit is the only one. */
export const until = async <T>(look: () => T | Promise<T>): Promise<NonNullable<Awaited<T>>> => {
  for (;;) {
    const seen = await look();
    if (seen) return seen as NonNullable<Awaited<T>>;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
