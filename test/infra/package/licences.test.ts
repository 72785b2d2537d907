import { describe, expect, it } from 'vitest';
import { licencesText, readLicensedPackage } from '../../../infra/package/licences.ts';

const mit = 'MIT License\n\nCopyright (c) Somebody';

describe('the licences of what is bundled', () => {
  it('say so of a package that came without a text, and of one that names no licence', () => {
    const text = licencesText([
      { name: 'bare', version: '1.0.0', licence: 'MIT', texts: [] },
      { name: 'silent', version: '2.0.0', licence: undefined, texts: [mit] },
    ]);
    expect(text).toContain('  bare 1.0.0: MIT, which came without a text of it\n  silent 2.0.0: no licence named\n');
  });

  it('have every text once, under all packages that came with it', () => {
    const text = licencesText([
      { name: 'b', version: '1.0.0', licence: 'MIT', texts: [mit] },
      { name: 'a', version: '1.0.0', licence: 'MIT', texts: [mit, 'NOTICE of a'] },
    ]);
    expect(text.split(mit)).toHaveLength(2);
    expect(text).toMatch(/-{80}\na 1\.0\.0, b 1\.0\.0\n-{80}\n\nMIT License/);
    expect(text).toMatch(/-{80}\na 1\.0\.0\n-{80}\n\nNOTICE of a\n$/);
  });

  it('name a package once, wherever it lies', () => {
    const one = { name: 'a', version: '1.0.0', licence: 'MIT', texts: [mit] };
    expect(licencesText([one, { ...one }]).split('a 1.0.0')).toHaveLength(3);
  });

  it('are read from where a package is installed', async () => {
    const { name, licence, texts } = await readLicensedPackage('node_modules/@vscode/tree-sitter-wasm');
    expect([name, licence]).toEqual(['@vscode/tree-sitter-wasm', 'MIT']);
    expect(texts).toEqual([expect.stringContaining('Permission is hereby granted')]);
  });
});
