/** What every view asks of a run: whether it is in progress, and when to look at it again. */

const LOOK_AGAIN_MS = 2000;

/** Whether a run has not ended yet; one that the brake holds has. */
export function inProgress(run) {
  return Boolean(run) && !run.finished_at;
}

/** How long to wait before a run is read again; null once it has ended. */
export function untilEnded(run) {
  return inProgress(run) ? LOOK_AGAIN_MS : null;
}
