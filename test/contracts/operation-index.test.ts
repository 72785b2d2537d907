import { makeInMemoryOperationIndex } from '../support/in-memory-operation-index.ts';
import { describeOperationIndex } from './operation-index-contract.ts';

describeOperationIndex('the fake', async () => makeInMemoryOperationIndex());
