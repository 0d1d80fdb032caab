const PLAIN = /^[\w .:-]*$/;

/** A list as JSON. Those of plain texts are written by hand, in a third of the time: each grant and each decision has some. */
export function listText(list: readonly unknown[]): string {
  let text = '';
  for (const one of list) {
    if (typeof one !== 'string' || !PLAIN.test(one)) return JSON.stringify(list);
    text += text === '' ? `"${one}"` : `,"${one}"`;
  }
  return `[${text}]`;
}
