import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';

const schemas = join(dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema');

/** What is wrong with a bill by the official schema of CycloneDX 1.5, a line each. */
export async function billProblems(bill: unknown): Promise<readonly string[]> {
  const schema = async (name: string): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(join(schemas, `${name}.SNAPSHOT.schema.json`), 'utf8'));
  const unchecked = { 'iri-reference': true, 'date-time': true, 'idn-email': true, uri: true } as const;
  const ajv = new Ajv({ allErrors: true, strict: false, formats: unchecked });
  for (const name of ['spdx', 'jsf-0.82']) {
    // The schema refers to these by the names of their files, not by the ids that they give themselves.
    const { $id: _, ...referred } = await schema(name);
    ajv.addSchema(referred, `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  const validate = ajv.compile(await schema('bom-1.5'));
  return validate(bill) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message ?? ''}`);
}
