// Drives VS Code as a person does, with clicks and keys, through playwright-core.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { launchChromium } from '../host/browser.mjs';
import { copySampleWorkspace, projectRoot } from '../host/project.mjs';
import { start } from '../host/server.mjs';
import { Editor } from './editor.mjs';
import { QuickInput } from './quick-input.mjs';
import { View } from './view.mjs';

const screenshots = path.join(projectRoot, 'out', 'screenshots');

/**
 * Opens VS Code and resolves when its explorer is there. Options as for `start` in test/host/server.mjs, with
 * `size` of the window; left out, `workspace` is a copy of the sample and `extensionPath` this project (give
 * undefined, with an `extensionsDir`, to try a packaged one). Call `close()` at the end.
 */
export async function openWorkbench({ size = { width: 1400, height: 900 }, ...options } = {}) {
  const workspace = options.workspace ?? copySampleWorkspace().workspace;
  const server = await start({ extensionPath: projectRoot, ...options, workspace });
  const browser = await launchChromium();
  const page = await browser.newPage({ viewport: size });
  const workbench = new Workbench({ server, browser, page, workspace });
  try {
    await page.goto(server.url);
    await workbench.waitUntilReady();
    return workbench;
  } catch (error) {
    await workbench.screenshot('failed-to-open').catch(() => {});
    await workbench.close();
    throw error;
  }
}

class Workbench {
  #server;
  #browser;

  constructor({ server, browser, page, workspace }) {
    this.#server = server;
    this.#browser = browser;
    /** The playwright page, for what has no method here. */
    this.page = page;
    /** The folder that is open. */
    this.workspace = workspace;
    /** The active text editor. */
    this.editor = new Editor(page);
    /** The command palette, and what commands ask. */
    this.quickInput = new QuickInput(page);
  }

  async close() {
    await this.#browser.close();
    await this.#server.stop();
  }

  /** Waits for the explorer's files, and until the commands and views of all extensions are known. */
  async waitUntilReady() {
    await this.page.waitForSelector('.explorer-folders-view .monaco-list-row', { timeout: 60_000 });
    const extensionsAreKnown = () => performance.getEntriesByName('code/didLoadExtensions').length > 0;
    await this.page.waitForFunction(extensionsAreKnown, undefined, { timeout: 60_000 });
  }

  /** Saves what the window shows as out/screenshots/NAME.png and returns the file's path. */
  async screenshot(name) {
    mkdirSync(screenshots, { recursive: true });
    const file = path.join(screenshots, `${name}.png`);
    await this.page.screenshot({ path: file });
    return file;
  }

  /** For `afterEach`: shows how the window looked when a test failed, and closes what that test left open. */
  async screenshotIfFailed({ name, passed }) {
    if (passed) return;
    await this.screenshot(`failed ${name}`.replace(/\W+/g, '-'));
    await this.page.keyboard.press('Escape');
  }

  /** Runs a command by its title, such as `View: Close Editor`, from the command palette. */
  async runCommand(title) {
    await this.quickInput.choose('F1', title, title);
  }

  /** Opens a file of the workspace with Go to File and waits for its editor. `name` may be a path. */
  async openFile(name) {
    await this.quickInput.choose('Control+p', name, path.basename(name));
    await this.editor.waitFor(path.basename(name));
  }

  /** Opens a file with clicks in the explorer, folder by folder: `docker/worker.Dockerfile`. */
  async openFromExplorer(name) {
    for (const part of name.split('/')) {
      const isOpenFolder = (await this.explorerRow(part).getAttribute('aria-expanded')) === 'true';
      if (!isOpenFolder) await this.explorerRow(part).click();
    }
    await this.editor.waitFor(path.basename(name));
  }

  /** The row of a file or folder that the explorer shows. */
  explorerRow(label) {
    return this.page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ has: this.page.getByText(label, { exact: true }) })
      .first();
  }

  /** The titles of all open editor tabs. */
  tabs() {
    return this.page
      .locator('.tabs-container .tab')
      .evaluateAll((tabs) =>
        tabs.map((tab) =>
          [...tab.querySelectorAll('.label-name, .label-suffix')].map((part) => part.textContent).join(''),
        ),
      );
  }

  /** Waits for a notification with this text and returns all that it says. */
  async notification(text) {
    const toast = this.page.locator('.notification-toast').filter({ hasText: text }).first();
    await toast.waitFor();
    return toast.textContent();
  }

  /** A view by its name, once it is shown; see `showView`. */
  view(name) {
    return new View(this.page, name);
  }

  /** Shows a view by its name, wherever it is. */
  async showView(name) {
    await this.quickInput.choose('Control+p', `view ${name}`, name);
    const view = this.view(name);
    await view.body.waitFor();
    return view;
  }

  /** Waits for the webview that shows this text and returns its page, to look at and click as playwright does. */
  async webview(text) {
    // VS Code lays webviews over the window, outside the part that they seem to be in; each is a frame in a frame.
    for (const end = Date.now() + 20_000; Date.now() < end; await this.page.waitForTimeout(100)) {
      for (const frame of this.page.frames().filter((candidate) => candidate.parentFrame())) {
        // A frame may go while it is asked.
        const shown = await frame
          .getByText(text)
          .count()
          .catch(() => 0);
        if (shown > 0) return frame;
      }
    }
    throw new Error(`No webview shows "${text}"`);
  }

  /** Changes user settings while VS Code runs. */
  changeSettings(changes) {
    this.#server.changeSettings(changes);
  }

  /** Changes the colour theme, such as `Light Modern`, and waits until the window is painted in its kind of colours. */
  async switchTheme(theme) {
    const kind = /high contrast light/i.test(theme)
      ? 'hc-light'
      : /high contrast/i.test(theme)
        ? 'hc-black'
        : undefined;
    const colours = kind ?? (/light/i.test(theme) ? 'vs' : 'vs-dark');
    this.changeSettings({ 'workbench.colorTheme': theme });
    await this.page.waitForSelector(`.monaco-workbench.${colours}`, { timeout: 15_000 });
    // Colours fade over.
    await this.page.waitForTimeout(500);
  }

  /** The text of the status bar. */
  statusBar() {
    return this.page.locator('.part.statusbar').textContent();
  }
}
