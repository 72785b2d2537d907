import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { exchangeRaw, openStalled, statusesIn } from '../support/raw-http.ts';
import { production, type RunningEnvironment, storageAccount, storageVersion } from '../support/running-environment.ts';

const reading = { method: 'GET', path: `${production}/providers/Microsoft.Storage/storageAccounts`, apiVersion: storageVersion };
const removal = { kind: 'arm', method: 'DELETE', path: storageAccount(production, 'stproddata'), apiVersion: storageVersion };
const submission = JSON.stringify({ target: removal, justification: 'The migration is done' });

/** Tests of what happens to requests that no client library sends; they leave an environment as they found it, but for one operation that waits. */
export function describeHostileHttp(running: () => RunningEnvironment): void {
  describe('on the wire', () => {
    /** A request as text, with a token of deploy-agent. */
    async function request(start: string, headers: readonly string[] = [], body = ''): Promise<string> {
      const token = await running().api.tokenOf('deploy-agent');
      return [`${start} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${token}`, ...headers, '', body].join('\r\n');
    }

    async function exchange(pieces: readonly string[], until?: RegExp): Promise<readonly number[]> {
      return statusesIn(await exchangeRaw(running().endpoints.api, pieces, until));
    }

    let began: string;
    beforeAll(() => {
      began = new Date().toISOString();
    });

    /** Operations like the one that the hostile requests would submit. */
    async function deletions(): Promise<readonly unknown[]> {
      const query = `action=microsoft.storage/storageaccounts/delete&from=${began}`;
      const { value }: { value: unknown[] } = JSON.parse((await running().api.send('deploy-agent', 'GET', `/operations?${query}`)).text);
      return value;
    }

    afterEach(async () => {
      const { endpoints, effectsOn } = running();
      expect(effectsOn('')).toEqual([]);
      expect(await (await fetch(`${endpoints.api}/health`)).text()).toBe('{"status":"up"}');
    });

    describe('a request that no honest client sends', () => {
      const close = 'Connection: close';
      it.each<[string, string, readonly string[], string, number]>([
        ['broken chunks', 'POST /api/operations', ['Transfer-Encoding: chunked', 'Content-Type: application/json'], 'zz\r\n{}\r\n', 400],
        ['a length and chunks at once', 'POST /api/operations', ['Transfer-Encoding: chunked', 'Content-Length: 5'], '0\r\n\r\n', 400],
        ['two lengths', 'POST /api/operations', ['Content-Length: 5', 'Content-Length: 6'], '{}   ', 400],
        ['a length that is no number', 'POST /api/operations', ['Content-Length: -1'], '', 400],
        ['headers of 64 KiB', 'GET /api/operations', [`X-Long: ${'x'.repeat(64 * 1024)}`], '', 431],
        ['an address of 64 KiB', `GET /api/operations?top=${'1'.repeat(64 * 1024)}`, [], '', 431],
        ['a folded header', 'GET /api/operations', ['X-Folded: a', ' b'], '', 400],
        ['a space in its address', 'GET /api/operations /x', [], '', 400],
        ['a null in its address', 'GET /api/operations/%00', [close], '', 400],
        ['no such method', 'BREW /api/operations', [close], '', 400],
        ['a method that changes nothing for us', 'TRACE /api/operations', [close], '', 405],
      ])('is refused, and the connection with it: %s', async (_, start, headers, body, status) => {
        expect(await exchange([await request(start, headers, body)])).toEqual([status]);
        expect(await deletions()).toEqual([]);
      });

      it.each([
        '/api/operations/%2e%2e',
        '/api/operations/..%2f..%2fadmin',
        '/api/operations/%2e%2e/%2e%2e/etc/passwd',
        '/api/operations//events',
        '/api/operations/x%2Fevents',
        '/api/operations/x%5Cevents',
        '/api/operations/%E2%80%AE',
        '/api/operations/%ff%fe',
        '/api/operations/op_aaaaaaaaaaaaaaaaaaaaaaaaaa%2Fdecisions',
        '/api/../api/operations/x',
      ])('finds nothing at %s', async (path) => {
        const [status = 0] = await exchange([await request(`GET ${path}`, [close])]);
        expect([400, 404]).toContain(status);
      });

      it('gets no further with thousands of parameters', async () => {
        const query = Array.from({ length: 4000 }, (_, index) => `a${index}=`).join('&');
        expect(await exchange([await request(`GET /api/operations?${query}`, [close])])).toEqual([400]);
      });

      it('cannot choose the address that others are sent to', async () => {
        const { api, endpoints } = running();
        const token = await api.tokenOf('deploy-agent');
        const body = JSON.stringify({ target: { kind: 'arm', ...reading }, justification: 'Look around' });
        const head = `POST /api/operations HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nAuthorization: Bearer ${token}\r\nConnection: close`;
        const received = await exchangeRaw(endpoints.api, [
          `${head}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        ]);
        expect(received.toLowerCase()).toContain(`operation-location: ${endpoints.api}/operations/op_`);
        expect(received).not.toContain('evil.example');
      });

      it('means by its method what it says: no header turns it into another', async () => {
        const { api } = running();
        const headers = { 'x-http-method-override': 'POST', 'x-http-method': 'POST', 'x-method-override': 'POST' };
        const answer = await api.send('deploy-agent', 'GET', '/operations', undefined, headers);
        expect([answer.status, answer.headers.get('operation-location')]).toEqual([200, null]);
      });
    });

    describe('requests on one connection', () => {
      it('are answered each in its turn, a bad one among them for itself', async () => {
        const good = await request('GET /api/operations?top=1');
        const bad = await request('GET /api/operations?top=x');
        const last = await request('GET /api/operations?top=1', ['Connection: close']);
        expect(await exchange([`${good}${bad}${good}${last}`])).toEqual([200, 400, 200, 200]);
      });

      it('that stall in the middle of a body hold up nobody, and leave nothing when they hang up', async () => {
        const { api, endpoints } = running();
        const head = await request('POST /api/operations', ['Content-Type: application/json', `Content-Length: ${submission.length}`]);
        const stalled = openStalled(endpoints.api, 40, `${head}${submission.slice(0, 40)}`);
        const answers = await Promise.all(Array.from({ length: 10 }, () => api.send('deploy-agent', 'GET', '/operations')));
        expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
        await Promise.all(stalled.map((socket) => new Promise((resolve) => socket.once('close', resolve).destroy())));
        expect(await deletions()).toEqual([]);
      });

      it('that wait for an end which does not come hold up nobody either', async () => {
        const { api } = running();
        const { id } = (await api.submit('deploy-agent', { ...removal, path: storageAccount(production, 'stwaited') })).operation();
        const waits = Array.from({ length: 60 }, () =>
          api.send('deploy-agent', 'GET', `/operations/${id}`, undefined, { prefer: 'wait=3' }),
        );
        expect((await api.send('auditor', 'GET', `/operations/${id}`)).operation().status).toBe('awaitingApproval');
        expect(new Set((await Promise.all(waits)).map(({ status }) => status))).toEqual(new Set([200]));
      });
    });
  });
}
