// A view in a side bar or the panel, most often a tree.

export class View {
  #page;

  constructor(page, name) {
    this.#page = page;
    const header = page.locator(
      `.pane-header:is([aria-label^="${name} Section"], [aria-label^="${name} - "], [aria-label="${name}"])`,
    );
    /** The whole view, with its title. */
    this.pane = page.locator('.pane').filter({ has: header }).first();
    /** What is below the title. */
    this.body = this.pane.locator('.pane-body');
  }

  /**
   * The rows on screen, from the top: label, description, level (from 1), and `expanded` (undefined
   * for a row without children).
   */
  rows() {
    return this.body.locator('.monaco-list-row').evaluateAll((rows) =>
      rows
        .sort((a, b) => Number(a.dataset.index) - Number(b.dataset.index))
        .map((row) => ({
          label: [...row.querySelectorAll('.label-name, .label-suffix')]
            .map((part) => part.textContent)
            .join(''),
          description: row.querySelector('.label-description')?.textContent ?? '',
          level: Number(row.getAttribute('aria-level')),
          expanded: row.hasAttribute('aria-expanded')
            ? row.getAttribute('aria-expanded') === 'true'
            : undefined,
        })),
    );
  }

  /** The first row with exactly this label, as a playwright locator. */
  row(label) {
    return this.body
      .locator('.monaco-list-row')
      .filter({ has: this.#page.getByText(label, { exact: true }) })
      .first();
  }

  async click(label) {
    await this.row(label).locator('.label-name').first().click();
  }

  /** Opens a row that is closed, with its arrow: a click on the label may run the row's command. */
  async expand(label) {
    const row = this.row(label);
    if ((await row.getAttribute('aria-expanded')) === 'true') return;
    await row.locator('.monaco-tl-twistie').click();
    await row.and(this.#page.locator('[aria-expanded="true"]')).waitFor();
  }

  /** Clicks an inline button of a row by its tooltip; such buttons appear under the mouse. */
  async clickAction(label, tooltip) {
    await this.row(label).hover();
    await this.row(label).locator(`.actions .action-label[aria-label^="${tooltip}"]`).click();
  }

  /** Clicks a button of the view's title by its tooltip. */
  async clickTitleAction(tooltip) {
    await this.pane.locator('.pane-header').hover();
    await this.pane.locator(`.pane-header .action-label[aria-label^="${tooltip}"]`).click();
  }
}
