import { makeInMemoryOperationStore } from '../support/in-memory-operation-store.ts';
import { describeOperationStore } from './operation-store-contract.ts';

const fake = makeInMemoryOperationStore();

describeOperationStore('the fake', () => ({
  store: fake,
  rewriteEvent: async (id, sequence, rewrite) => fake.rewriteEvent(id, sequence, rewrite),
  moveDocument: async (from, to, name) => fake.moveDocument(from, to, name),
}));
