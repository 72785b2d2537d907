import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apiVersion } from '../../functions/http.ts';
import { maxJustificationLength } from '../../shared/contracts/operation-request.ts';
import { nextStep, operationStatuses } from '../../shared/domain/operation.ts';
import { requestErrorStatus } from '../../shared/domain/request-error.ts';

const document = readFileSync(new URL('../../functions/README.md', import.meta.url), 'utf8');
const rows = document.split('\n').filter((line) => line.startsWith('| `'));

describe('the document of the API', () => {
  it('has every status with what comes next', () => {
    const wanted = operationStatuses.map((status) => `| \`${status}\` | \`${nextStep(status)}\` |`);
    expect(wanted.filter((start) => !rows.some((row) => row.startsWith(start)))).toEqual([]);
  });

  it('has every error code with its HTTP status', () => {
    const wanted = Object.entries({ ...requestErrorStatus, InternalError: 500 }).map(([code, status]) => `| \`${code}\` | ${status} |`);
    expect(wanted.filter((start) => !rows.some((row) => row.startsWith(start)))).toEqual([]);
    expect(rows.filter((row) => /^\| `[A-Z]\w+` \| \d{3} \|/.test(row))).toHaveLength(wanted.length);
  });

  it('names the version and the limits as they are', () => {
    expect(document).toContain(`\`api-version\` (\`${apiVersion}\`)`);
    expect(document).toContain(`at most ${maxJustificationLength} characters`);
  });
});
