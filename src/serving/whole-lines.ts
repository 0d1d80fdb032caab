const LINE_FEED = 10;

/** Hands on whole lines only of what comes in pieces: several processes write to one log. What is left of a line when its writer is killed is dropped. */
export function wholeLines(write: (lines: string) => void): (piece: Buffer) => void {
  let begun: Buffer[] = [];
  return (piece) => {
    const end = piece.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      const lines = piece.subarray(0, end);
      write((begun.length === 0 ? lines : Buffer.concat([...begun, lines])).toString());
      begun = [];
    }
    if (end < piece.length) begun.push(piece.subarray(end));
  };
}
