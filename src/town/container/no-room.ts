/**
 * Whether a start failed because no container can be had: as many run as may (`max_instances`), or the platform has none to
 * give. The first text is what the library of containers says when it has tried for long enough (`NO_CONTAINER_INSTANCE_ERROR`
 * in its source), the second is the platform's own.
 */
export const isNoRoom = (reason: string): boolean =>
  /no container instance that can be provided|maximum number of running container instances/i.test(reason);
