import type { Told } from './ports.js';
import { type Progress, progress } from './progress.js';

/** Tells on standard error how far a store is copied, phase after phase. */
export function tellFar(): { readonly told: Told; readonly stop: () => void } {
  let shown: { readonly phase: string; readonly progress: Progress } | undefined;
  return {
    told(phase, events, total) {
      if (shown?.phase !== phase) {
        shown?.progress.stop();
        shown = { phase, progress: progress(total, phase, 'events') };
      }
      shown.progress.readTo(events);
      shown.progress.update(events, events);
    },
    stop: () => shown?.progress.stop(),
  };
}
