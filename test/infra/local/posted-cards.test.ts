import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PostedCards } from '../../../infra/local/teams/posted-cards.ts';

const content = { type: 'message' };

describe('posts of the bot', () => {
  it('never share an id, even within one millisecond', () => {
    const posts = new PostedCards(() => 1_795_291_920_000);
    expect([posts.add(content), posts.add(content)]).toEqual(['1795291920000', '1795291920001']);
  });

  it('are found by what a page calls its copy, and only on that page', () => {
    const posts = new PostedCards(() => 7);
    const id = posts.add(content);
    posts.addCopy(id, 'ada', '42');
    expect(posts.findByCopy('ada', '42')).toBe(id);
    expect(posts.findByCopy('ben', '42')).toBeUndefined();
  });

  it('keep the latest three copies of a page', () => {
    const posts = new PostedCards(() => 7);
    const id = posts.add(content);
    for (const copy of ['1', '2', '3', '4']) posts.addCopy(id, 'ada', copy);
    expect(posts.copiesOn(id, 'ada')).toEqual(['2', '3', '4']);
  });

  it('are shown again as they were replaced last', () => {
    const posts = new PostedCards(() => 7);
    const id = posts.add(content);
    expect(posts.replace(id, { type: 'message', text: 'new' })).toBe(true);
    expect(posts.entries()).toEqual([{ id, content: { type: 'message', text: 'new' } }]);
  });

  it('cannot be replaced where there are none', () => {
    expect(new PostedCards(() => 7).replace('8', content)).toBe(false);
  });

  it('are forgotten after thirty later ones', () => {
    const posts = new PostedCards(() => 1);
    const ids = Array.from({ length: 31 }, () => posts.add(content));
    expect(posts.entries().map(({ id }) => id)).toEqual(ids.slice(1));
  });

  it('hang there after a restart as they were last replaced, and new ids go on after them', () => {
    const directory = mkdtempSync(join(tmpdir(), 'countersign-posts-'));
    const path = join(directory, 'posted-cards.json');
    const before = new PostedCards(() => 7, path);
    const id = before.add(content);
    before.replace(id, { type: 'message', text: 'approved' });
    const after = new PostedCards(() => 7, path);
    expect(after.entries()).toEqual([{ id, content: { type: 'message', text: 'approved' } }]);
    expect(after.add(content)).toBe('8');
    rmSync(directory, { recursive: true });
  });
});
