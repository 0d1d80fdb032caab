import { resolve } from 'node:path';
import { parseNetwork } from '#fetching';

/** Thrown by a reader: what it would have taken, as the end of a sentence that begins with "must be". */
export class Expected extends Error {}

/** Turns what is written, a text of the environment or a value of the file, into what a setting holds. */
export interface Reader<T> {
  /** What may be written, in a word or two for the page. */
  readonly type: string;
  /** @throws Expected */
  read(written: unknown): T;
}

/** Any text but the empty one, without blanks around it and control characters in it. */
export const text: Reader<string> = {
  type: 'text',
  read(written) {
    if (typeof written !== 'string' || written === '' || written.trim() !== written || /\p{Cc}/u.test(written)) {
      throw new Expected('a text that is not empty, without blanks around it');
    }
    return written;
  },
};

/** The absolute path of a file or folder; a relative one is below the folder that the program is started in. */
export const path: Reader<string> = { type: 'path', read: (written) => resolve(text.read(written)) };

/** An http(s) origin, exactly as a URL parser writes it. */
export const origin: Reader<string> = {
  type: 'origin',
  read(written) {
    const given = text.read(written);
    const url = URL.canParse(given) ? new URL(given) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== given) {
      throw new Expected('an http(s) origin without a path, such as https://tilgang.example.no');
    }
    return given;
  },
};

/** A network of IP addresses, by the number of its leading bits. */
export const network: Reader<string> = {
  type: 'network',
  read(written) {
    const given = text.read(written);
    if (parseNetwork(given) === undefined) throw new Expected('a network such as 10.1.0.0/16');
    return given;
  },
};

/** A whole number within both bounds, also in decimal digits. */
export function integer(least: number, most: number): Reader<number> {
  return {
    type: 'integer',
    read(written) {
      const number = typeof written === 'string' && /^(0|[1-9][0-9]*)$/.test(written) ? Number(written) : written;
      if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most) {
        throw new Expected(`a whole number from ${least} to ${most}`);
      }
      return number;
    },
  };
}

/** Several of a kind, or none: a list in the file; in the environment its JSON, or texts with commas between them. */
export function listOf<T>(reader: Reader<T>): Reader<readonly T[]> {
  return {
    type: `list of ${reader.type}`,
    read(written) {
      const items = typeof written === 'string' ? itemsOf(written) : written;
      if (!Array.isArray(items)) throw new Expected('a list');
      return items.map((item) => reader.read(item));
    },
  };
}

function itemsOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.split(',').flatMap((item) => item.trim() || []);
  }
}

/** One of these words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Reader<Word> {
  return {
    type: words.join(' | '),
    read(written) {
      const found = words.find((word) => word === written);
      if (found === undefined) throw new Expected(`one of ${words.join(', ')}`);
      return found;
    },
  };
}
