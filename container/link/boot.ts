/** One life of the control server, as its events name it. */
export interface Boot {
  /** Random. */
  readonly boot: string;
  /** The container's count of starts. */
  readonly life: number;
}
