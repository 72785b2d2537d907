/** Judges words by how they end; the longest end that fits decides. Looking up costs the length of that end, however many there are. */
export type EndTable<Rule> = {
  /** A word that ends so, or is it. */
  addEnd(end: string, rule: Rule): void;
  /** A word that is exactly this. */
  addName(name: string, rule: Rule): void;
  find(word: string): Rule | undefined;
};

type Node<Rule> = { readonly next: Map<number, Node<Rule>>; rule?: Rule };

export function makeEndTable<Rule>(): EndTable<Rule> {
  const root: Node<Rule> = { next: new Map() };
  const names = new Map<string, Rule>();
  return {
    addEnd: (end, rule) => {
      let node = root;
      for (let at = end.length - 1; at >= 0; at -= 1) {
        const code = end.charCodeAt(at);
        const next = node.next.get(code) ?? { next: new Map() };
        node.next.set(code, next);
        node = next;
      }
      node.rule = rule;
    },
    addName: (name, rule) => {
      names.set(name, rule);
    },
    find: (word) => {
      const named = names.get(word);
      if (named !== undefined) return named;
      let found: Rule | undefined;
      let node: Node<Rule> | undefined = root;
      for (let at = word.length - 1; at >= 0; at -= 1) {
        node = node.next.get(word.charCodeAt(at));
        if (node === undefined) break;
        found = node.rule ?? found;
      }
      return found;
    },
  };
}
