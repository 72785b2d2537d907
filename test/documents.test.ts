import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const documents = globSync('**/*.md', { cwd: root, exclude: (name) => /(^|\/)(node_modules|\.local|dist|\.git)$/.test(name) });

/** Links of Markdown and images of HTML; addresses on the web are none of ours. */
function linksIn(text: string): readonly string[] {
  const found = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/<img[^>]* src="([^"]+)"/g)];
  return found.map(([, link = '']) => link).filter((link) => !/^[a-z]+:/.test(link));
}

/** The anchors that GitHub gives to headings. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}

it('every link of every document leads somewhere', () => {
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'functions/README.md', 'infra/policy/README.md']));
  const broken = documents.flatMap((document) => {
    const text = readFileSync(join(root, document), 'utf8');
    return linksIn(text).flatMap((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? join(root, document) : join(root, dirname(document), path);
      if (!existsSync(target)) return [`${document}: ${link}`];
      return anchor === undefined || anchorsOf(readFileSync(target, 'utf8')).includes(anchor) ? [] : [`${document}: ${link}`];
    });
  });
  expect(broken).toEqual([]);
});
