// VS Code's box at the top of the window: the command palette, Go to File, and what commands ask.
export class QuickInput {
  #page;
  #box;

  constructor(page) {
    this.#page = page;
    this.#box = page.locator('.quick-input-widget');
  }

  /** Opens it with a key and puts text in, after a prefix that is there already. */
  async open(key, text) {
    await this.#page.keyboard.press(key);
    await this.#box.locator('input.input:visible').waitFor();
    await this.#page.keyboard.press('End');
    await this.#page.keyboard.insertText(text);
  }

  /** Opens it, enters text, and clicks the first row that shows `row`. */
  async choose(key, text, row) {
    // An open list does not take up commands and files that become known later, so open it anew.
    for (const last of [false, false, true]) {
      await this.open(key, text);
      try {
        return await this.pick(row, { timeout: 5000 });
      } catch (error) {
        if (last) throw new Error(`VS Code offers no "${row}"`, { cause: error });
        await this.#page.keyboard.press('Escape');
      }
    }
  }

  /** The rows on screen when a command asks to choose: all their text, from the top. */
  rows() {
    return this.#box.locator('.monaco-list-row').allTextContents();
  }

  /** Clicks the first row that shows this text, and waits until the box is closed or shows another list. */
  async pick(text, { timeout = 10_000 } = {}) {
    const row = this.#box.locator('.monaco-list-row').filter({ hasText: text }).first();
    await row.click({ timeout });
    await row.waitFor({ state: 'hidden' });
  }

  /** Answers a command that asks for text. */
  async answer(text) {
    await this.#box.locator('input.input:visible').fill(text);
    await this.#page.keyboard.press('Enter');
  }

  async waitUntilClosed() {
    await this.#box.waitFor({ state: 'hidden' });
  }
}
