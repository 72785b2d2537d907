import { writeFileSync } from 'node:fs';
import { factorsDocument } from './factor-table.ts';

/** `npm run risk:table`: writes `shared/domain/risk/factors.md` anew. */
writeFileSync(new URL('../../shared/domain/risk/factors.md', import.meta.url), factorsDocument());
