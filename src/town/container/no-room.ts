/**
 * Whether a start failed because no container can be had: as many run as may (`max_instances`), or the platform has none to
 * give, or not so fast. The first and the last text are what the library of containers knows of the platform
 * (`NO_CONTAINER_INSTANCE_ERROR` and `RATE_LIMITED_ERROR` in its source), the second is another of the platform's own.
 */
export const isNoRoom = (reason: string): boolean =>
  /no container instance that can be provided|maximum number of running container instances|requesting too many containers/i.test(
    reason,
  );
