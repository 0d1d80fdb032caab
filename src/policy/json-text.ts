/** An input that is written already: JSON as text, which is handed to the module as it is. What is no JSON fails the evaluation. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
