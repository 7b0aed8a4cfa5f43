/** Why Curfew can't start or go on, as a sentence for the person at the terminal; shown without a stack. */
export class Failure extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = "Failure";
  }
}
