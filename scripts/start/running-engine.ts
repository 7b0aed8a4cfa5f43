/** What runs containers, as the host of the Worker needs to know it. */
export interface RunningEngine {
  /** Where it speaks Docker's API: `unix:///…` */
  readonly address: string;
  /** What workerd wants beside each container, to reach it. */
  readonly sideCarImage: string;
  /** The image of all containers. */
  readonly image: string;
  /** For the host's environment. */
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}
