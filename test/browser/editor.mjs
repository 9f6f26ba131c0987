// The active text editor: its text, its cursor, its hovers.
import { QuickInput } from './quick-input.mjs';

export class Editor {
  #page;
  #quickInput;

  constructor(page) {
    this.#page = page;
    this.#quickInput = new QuickInput(page);
  }

  /** Waits until the tab with this title is active and its text is shown. */
  async waitFor(title) {
    await this.#page.locator('.tab.active').filter({ hasText: title }).first().waitFor();
    await this.#page.locator('.editor-group-container.active .view-line').first().waitFor();
  }

  /** The lines on screen, as plain text; inlay hints are part of them, decorations' own texts are not. */
  visibleLines() {
    return this.#lines().evaluate((lines) =>
      [...lines.querySelectorAll('.view-line')]
        .sort((a, b) => Number.parseInt(a.style.top, 10) - Number.parseInt(b.style.top, 10))
        .map((line) => line.textContent.replaceAll('\u00a0', ' ')),
    );
  }

  /** Puts the cursor on a line, at a column; both count from 1. */
  async goTo(line, column = 1) {
    await this.#quickInput.open('Control+g', `${line}:${column}`);
    await this.#page.keyboard.press('Enter');
    await this.#quickInput.waitUntilClosed();
  }

  /** Types at the cursor, key by key; `\n` presses Enter. VS Code closes brackets and continues comments as ever. */
  async type(text) {
    await this.#page.keyboard.type(text, { delay: 15 });
  }

  /** Moves the mouse over the first `text` on screen and returns what the hover says, line by line. */
  async hover(text) {
    const { x, y } = await this.#middleOf(text);
    // Another hover may be open, and a hover follows a movement: come from elsewhere.
    await this.#page.keyboard.press('Escape');
    await this.#page.mouse.move(x + 40, y + 60);
    await this.#page.mouse.move(x, y, { steps: 5 });
    const content = this.#page
      .locator('.monaco-hover:visible .hover-row')
      .filter({ hasNotText: 'Loading...' });
    await content.first().waitFor();
    const rows = await content.allInnerTexts();
    return rows.join('\n').replaceAll('\u00a0', ' ');
  }

  /** Clicks a link of the hover that is open. */
  async clickHoverLink(text) {
    await this.#page.locator('.monaco-hover:visible a').filter({ hasText: text }).first().click();
  }

  /** The code lenses on screen. */
  codeLenses() {
    return this.#page.locator('.editor-group-container.active .codelens-decoration a').allTextContents();
  }

  async clickCodeLens(text) {
    await this.#page.locator('.codelens-decoration a').filter({ hasText: text }).first().click();
  }

  /** Clicks on the first `text` on screen, also in an inlay hint. */
  async click(text) {
    const { x, y } = await this.#middleOf(text);
    await this.#page.mouse.click(x, y);
  }

  #lines() {
    return this.#page.locator('.editor-group-container.active .view-lines').first();
  }

  async #middleOf(text) {
    const middle = await this.#lines().evaluate(middleOfText, text);
    if (!middle) throw new Error(`The editor does not show "${text}"`);
    return middle;
  }
}

// Runs in the page. A line is made of many elements, so a range over its text tells where a part of it is.
function middleOfText(lines, text) {
  for (const line of lines.querySelectorAll('.view-line')) {
    const start = line.textContent.replaceAll('\u00a0', ' ').indexOf(text);
    if (start < 0) continue;
    const nodes = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    let offset = 0;
    for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
      const end = start + text.length;
      if (start >= offset && start < offset + node.length) range.setStart(node, start - offset);
      if (end > offset && end <= offset + node.length) range.setEnd(node, end - offset);
      offset += node.length;
    }
    const box = range.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }
  return undefined;
}
