import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const icons = [
  { name: 'color', size: 192 },
  { name: 'outline', size: 32 },
] as const;

/** `node infra/teams-app/draw-icons.ts`: draws icons/*.png from the SVG beside them, by the Chromium of this machine. */
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  for (const { name, size } of icons) {
    const file = (ending: string) => new URL(`icons/${name}.${ending}`, import.meta.url);
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${await readFile(file('svg'), 'utf8')}`);
    await writeFile(file('png'), await page.screenshot({ omitBackground: true }));
  }
} finally {
  await browser.close();
}
