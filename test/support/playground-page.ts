import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { z } from 'zod';
import { chromiumPath } from './chromium.ts';

/** A browser without a window, which asks nothing of any host but loopback. */
export async function startBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** One person's page of Teams, opened at the approvers' channel. */
export type PlaygroundPage = {
  /** Resolves when the page shows a card of the operation. The newest counts where there are several. */
  readonly waitForCard: (operationId: string) => Promise<void>;
  /** What the card says now, as it is seen: collapsed parts are not in it. */
  readonly readCard: (operationId: string) => Promise<string>;
  /** Resolves when the card says so; rejects with what it says instead. */
  readonly waitForText: (operationId: string, text: string) => Promise<void>;
  readonly buttons: (operationId: string) => Promise<readonly string[]>;
  /** Presses a button of the card, after writing a reason where one is given. Resolves when the page shows what the bot answered. */
  readonly press: (operationId: string, button: string, reason?: string) => Promise<Pressed>;
  /** A PNG file of the card. */
  readonly screenshot: (operationId: string, path: string) => Promise<void>;
  /** Makes cards as narrow as on a phone, for screenshots. */
  readonly narrow: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The card was replaced; or a line below it tells the person something; or the bot took no action. */
export type Pressed =
  | { readonly kind: 'card' }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'refused'; readonly status: number };

const timeoutMs = 30_000;
/** A narrower page hides the list of conversations. */
const viewport = { width: 1500, height: 1400 };
const answerShape = z.looseObject({ type: z.string(), value: z.unknown() });

export async function openPlaygroundPage(browser: Browser, address: string): Promise<PlaygroundPage> {
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(timeoutMs);
  await page.route('**/*', async (route) => {
    const { hostname } = new URL(route.request().url());
    await (hostname === '127.0.0.1' || hostname === 'localhost' ? route.continue() : route.abort());
  });
  await page.goto(address);
  await page.getByText('Approvals', { exact: true }).click();
  const cardOf = (operationId: string) => page.locator('.ac-adaptiveCard').filter({ hasText: operationId }).first();
  return {
    waitForCard: async (operationId) => await cardOf(operationId).waitFor(),
    readCard: async (operationId) => await seenText(cardOf(operationId)),
    waitForText: async (operationId, text) => await waitForText(cardOf(operationId), text),
    buttons: async (operationId) => await cardOf(operationId).getByRole('button').allInnerTexts(),
    press: async (operationId, button, reason) => await press(page, cardOf(operationId), button, reason),
    screenshot: async (operationId, path) => {
      // The page scrolls within itself, so a card that is higher than the page would be cut off.
      await page.setViewportSize({ ...viewport, height: 4000 });
      await cardOf(operationId).screenshot({ path });
      await page.setViewportSize(viewport);
    },
    narrow: async () => {
      await page.addStyleTag({ content: '.ac-adaptiveCard { width: 340px !important; }' });
    },
    close: async () => await page.close(),
  };
}

/** Text without the places where it may be broken, which a card's long words have. */
async function seenText(card: Locator): Promise<string> {
  return (await card.innerText()).replaceAll('\u200b', '').replaceAll('\u00a0', ' ');
}

async function waitForText(card: Locator, text: string): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const seen = await seenText(card);
    if (seen.includes(text)) return;
    if (performance.now() > until) throw new Error(`The card does not say "${text}" but: ${seen}`);
    await card.page().waitForTimeout(50);
  }
}

async function press(page: Page, card: Locator, button: string, reason: string | undefined): Promise<Pressed> {
  // Another copy of the card may come above this one: what is written and what is pressed must be of the same. The first card of all on a page is
  // drawn twice by the Playground, which loses what was written on it meanwhile.
  const pinned = await card.elementHandle({ timeout: timeoutMs });
  if (pinned === null) throw new Error('There is no such card.');
  if (reason !== undefined) await (await pinned.waitForSelector('textarea')).fill(reason);
  const answered = page.waitForResponse((response) => response.url().endsWith('/_conversation/v1/invoke'));
  // Waited for from before the press: a card that is brought up to date meanwhile takes the line away with it.
  const line = page.getByLabel('Display Invoked Message').first();
  const shown = line
    .waitFor()
    .then(async () => await line.innerText())
    .catch(() => undefined);
  await (await pinned.waitForSelector(`role=button[name="${button}"]`)).click();
  const response = await answered;
  if (!response.ok()) return { kind: 'refused', status: response.status() };
  const { type, value } = answerShape.parse(await response.json());
  if (type !== 'application/vnd.microsoft.activity.message') return { kind: 'card' };
  const text = await shown;
  if (text === undefined || !text.includes(String(value)))
    throw new Error(`The page does not show "${String(value)}" but ${text ?? 'nothing'}.`);
  return { kind: 'message', text: String(value) };
}
