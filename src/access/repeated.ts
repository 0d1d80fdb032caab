import { ProblemError } from '#problem';

/**
 * Carries out what reads, decides and writes at the revision that was read; all of it again if somebody else has written meanwhile.
 * @param attempts in each round one of the racing writers wins, so this is how many may race
 * @throws ProblemError `conflict` if it lost the race too often
 */
export async function repeated<T>(attempt: () => Promise<T>, attempts = 16): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ProblemError) || error.slug !== 'conflict' || count === attempts) throw error;
    }
  }
}
